"""Reads a sandbox with Google's own Python clients, and tells what it saw as JSON.

Standard input is {"endpoint", "credentials", "project", "bucket", "object", "role"}. This script asserts nothing: the
test that runs it does.
"""

import json
import sys

import requests
from google.api_core import exceptions
from google.auth import load_credentials_from_dict
from google.cloud import storage
from google.oauth2.credentials import Credentials
from googleapiclient import discovery
from googleapiclient.errors import HttpError

given = json.load(sys.stdin)
scopes = ["https://www.googleapis.com/auth/cloud-platform"]
file = given["credentials"]
if file["type"] == "service_account":
    credentials, _ = load_credentials_from_dict(file, scopes=scopes)
else:
    # The loader passes over the address of the token endpoint in the file of a person.
    credentials = Credentials(
        None,
        refresh_token=file["refresh_token"],
        token_uri=file["token_uri"],
        client_id=file["client_id"],
        client_secret=file["client_secret"],
    )
client = storage.Client(
    project=given["project"],
    credentials=credentials,
    client_options={"api_endpoint": given["endpoint"]},
)
saw = {}

bucket = client.get_bucket(given["bucket"])
saw["cors"] = bucket.cors
saw["metageneration"] = bucket.metageneration
saw["labels"] = bucket.labels
saw["uniform"] = bucket.iam_configuration.uniform_bucket_level_access_enabled
saw["soft_delete"] = bucket.soft_delete_policy.retention_duration_seconds

policy = bucket.get_iam_policy(requested_policy_version=3)
saw["bindings"] = [
    {"role": binding["role"], "members": sorted(binding["members"])}
    for binding in policy.bindings
]
saw["permissions"] = bucket.test_iam_permissions(["storage.buckets.get", "storage.objects.get"])

saw["names"] = [blob.name for blob in client.list_blobs(given["bucket"], prefix="photos/")]
blob = bucket.blob(given["object"])
saw["content"] = blob.download_as_bytes().decode()
try:
    bucket.blob("photos/none.png").download_as_bytes()
except exceptions.NotFound:
    saw["missing"] = "not found"

if hasattr(credentials, "sign_bytes"):
    link = blob.generate_signed_url(
        version="v4", expiration=3600, credentials=credentials, api_access_endpoint=given["endpoint"]
    )
    saw["link"] = requests.get(link, timeout=20).text

# A colleague's write with this client, and one that comes too late.
bucket.cors = bucket.cors + [{"origin": ["https://python.example"], "method": ["GET"]}]
bucket.patch(if_metageneration_match=saw["metageneration"])
saw["after"] = bucket.metageneration
try:
    bucket.cors = []
    bucket.patch(if_metageneration_match=saw["metageneration"])
except exceptions.PreconditionFailed:
    saw["stale"] = "precondition failed"

policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"allAuthenticatedUsers"}})
written = bucket.set_iam_policy(policy)
try:
    bucket.set_iam_policy(policy)
except exceptions.PreconditionFailed:
    saw["stale policy"] = "precondition failed"
saw["count"] = len(written.bindings)

iam = discovery.build(
    "iam",
    "v1",
    credentials=credentials,
    client_options={"api_endpoint": given["endpoint"]},
    static_discovery=True,
)
roles = iam.projects().roles()
saw["role"] = roles.get(name=given["role"]).execute()
changed = roles.patch(
    name=given["role"],
    updateMask="description",
    body={"description": "changed with Python", "etag": saw["role"]["etag"]},
).execute()
saw["description"] = changed["description"]
try:
    roles.patch(name=given["role"], updateMask="title", body={"title": "x", "etag": saw["role"]["etag"]}).execute()
except HttpError as error:
    saw["stale role"] = error.resp.status
saw["deleted"] = roles.delete(name=given["role"], etag=changed["etag"]).execute()["deleted"]
saw["undeleted"] = "deleted" not in roles.undelete(name=given["role"], body={}).execute()

manager = discovery.build(
    "cloudresourcemanager",
    "v3",
    credentials=credentials,
    client_options={"api_endpoint": given["endpoint"]},
    static_discovery=True,
)
saw["project"] = manager.projects().get(name=f"projects/{given['project']}").execute()["name"]
asked = {"permissions": ["iam.roles.get", "iam.roles.create"]}
saw["project permissions"] = (
    manager.projects()
    .testIamPermissions(resource=f"projects/{given['project']}", body=asked)
    .execute()["permissions"]
)
json.dump(saw, sys.stdout)
