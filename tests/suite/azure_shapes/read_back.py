"""Microsoft's own Python clients look at an account that the program connected: prints what they saw.

Reads one JSON document from standard input. The clients' own policies refuse tokens over plain http, so the tokens are
added for them.
"""

import datetime
import json
import sys
import urllib.request

from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas

asked = json.load(sys.stdin)
subscription, group, account = asked["subscription"], asked["group"], asked["account"]


class Bearer(SansIOHTTPPolicy):
    """Adds the token as it is."""

    def on_request(self, request):
        request.http_request.headers["Authorization"] = f"Bearer {asked['arm_token']}"


class Credential:
    """What the constructors want; never asked, since the policy above adds the token."""

    def get_token(self, *scopes, **options):
        return AccessToken(asked["arm_token"], 4102444800)


management = {"base_url": asked["endpoint"], "authentication_policy": Bearer(), "retry_total": 0}
storage = StorageManagementClient(Credential(), subscription, **management)
authorization = AuthorizationManagementClient(Credential(), subscription, "2022-04-01", **management)
seen = {}

found = storage.storage_accounts.get_properties(group, account)
service = storage.blob_services.get_service_properties(group, account).blob_service_properties
seen["rules"] = [rule.as_dict() for rule in service.cors.cors_rules]
seen["properties"] = {name: value for name, value in service.as_dict().items() if name != "cors"}

assignments = authorization.role_assignments.list_for_scope(
    found.id, filter=f"assignedTo('{asked['principal']}')"
)
seen["assignments"] = [
    {
        "role": authorization.role_definitions.get(found.id, entry.role_definition_id.split("/")[-1]).role_name,
        "principal": entry.principal_id,
        "type": entry.principal_type,
        "condition": entry.condition,
    }
    for entry in assignments
]


def as_segments(request):
    request.http_request.headers["Authorization"] = f"Bearer {asked['segments_token']}"


blobs = BlobServiceClient(found.primary_endpoints.blob, raw_request_hook=as_segments, retry_total=0)
now = datetime.datetime.now(datetime.timezone.utc)
expiry = now + datetime.timedelta(hours=24)
key = blobs.get_user_delegation_key(now - datetime.timedelta(minutes=5), expiry)
signature = generate_blob_sas(
    account,
    asked["container"],
    asked["blob"],
    user_delegation_key=key,
    permission=BlobSasPermissions(read=True),
    expiry=expiry,
)
blob = blobs.get_blob_client(asked["container"], asked["blob"])
page = urllib.request.Request(f"{blob.url}?{signature}", headers={"Origin": asked["origin"]})
with urllib.request.urlopen(page) as answer:
    seen["link"] = [answer.status, answer.read().decode(), answer.headers["Access-Control-Allow-Origin"]]
json.dump(seen, sys.stdout)
