"""The vendor's own Python clients, pointed at the local Azure: prints one JSON document of what they saw."""

import base64
import datetime
import json
import sys

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobClient, BlobServiceClient, generate_blob_sas
from azure.storage.blob import BlobSasPermissions

endpoint, subscription, group, account, arm_token, storage_token, principal, role = sys.argv[1:9]


class Bearer(SansIOHTTPPolicy):
    """Adds a token as it is: the clients' own policies insist on https."""

    def __init__(self, token):
        super().__init__()
        self.token = token

    def on_request(self, request):
        request.http_request.headers["Authorization"] = f"Bearer {self.token}"


class Credential:
    """What the constructors want; never asked, since the policy above adds the token."""

    def get_token(self, *scopes, **options):
        return AccessToken(arm_token, 4102444800)


def refused(act):
    """The status and the code of a refusal."""
    try:
        act()
    except HttpResponseError as error:
        return [error.status_code, error.error_code if hasattr(error, "error_code") else error.error.code]
    return None


management = {"base_url": endpoint, "authentication_policy": Bearer(arm_token), "retry_total": 0}
storage = StorageManagementClient(Credential(), subscription, **management)
authorization = AuthorizationManagementClient(Credential(), subscription, "2022-04-01", **management)
seen = {}

found = next(entry for entry in storage.storage_accounts.list() if entry.name == account)
seen["blob endpoint"] = found.primary_endpoints.blob
seen["public network access"] = found.as_dict()["properties"]["publicNetworkAccess"]

service = storage.blob_services.get_service_properties(group, account)
seen["versioning before"] = service.blob_service_properties.is_versioning_enabled
rule = {
    "allowedOrigins": ["https://app.segments.ai"],
    "allowedMethods": ["GET"],
    "maxAgeInSeconds": 3600,
    "exposedHeaders": [],
    "allowedHeaders": [],
}
properties = service.blob_service_properties.as_dict()
properties["cors"]["corsRules"].append(rule)
written = storage.blob_services.set_service_properties(group, account, {"properties": properties})
seen["rules"] = [each.as_dict() for each in written.blob_service_properties.cors.cors_rules]
seen["versioning after"] = written.blob_service_properties.is_versioning_enabled
six = {"properties": {"cors": {"corsRules": [rule] * 6}}}
seen["six rules"] = refused(lambda: storage.blob_services.set_service_properties(group, account, six))

scope = found.id
name = "4a5b6c7d-0000-4000-8000-00000000c11e"
wanted = {
    "properties": {
        "roleDefinitionId": f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
    }
}
made = authorization.role_assignments.create(scope, name, wanted)
seen["assigned"] = [made.name, made.principal_id, made.principal_type]
listed = authorization.role_assignments.list_for_scope(scope, filter=f"assignedTo('{principal}')")
seen["assignments"] = [entry.name for entry in listed]
definition = authorization.role_definitions.get(scope, role)
seen["role"] = [definition.role_name, definition.permissions[0].data_actions]
seen["permissions"] = [
    entry.actions
    for entry in authorization.permissions.list_for_resource(
        group, "Microsoft.Storage", "", "storageAccounts", account
    )
]
seen["denials"] = len(list(authorization.deny_assignments.list_for_scope(scope, filter="atScope()")))
seen["twin"] = refused(
    lambda: authorization.role_assignments.create(scope, name.replace("c11e", "c11f"), wanted)
)
authorization.role_assignments.delete(scope, name)
seen["assignments afterwards"] = [
    entry.name
    for entry in authorization.role_assignments.list_for_scope(scope, filter=f"assignedTo('{principal}')")
]


def add_token(request):
    request.http_request.headers["Authorization"] = f"Bearer {storage_token}"


blobs = BlobServiceClient(found.primary_endpoints.blob, raw_request_hook=add_token, retry_total=0)
seen["containers"] = [entry.name for entry in blobs.list_containers()]
container = blobs.get_container_client("photos")
seen["blobs"] = [
    [entry.name, entry.size, entry.blob_tier, entry.content_settings.content_type] for entry in container.list_blobs()
]
blob = container.get_blob_client("cat.png")
seen["properties"] = [blob.get_blob_properties().size, blob.get_blob_properties().server_encrypted]
seen["content"] = blob.download_blob().readall().decode()
seen["range"] = blob.download_blob(offset=2, length=3).readall().decode()
seen["missing"] = refused(lambda: container.get_blob_client("none.png").get_blob_properties())

now = datetime.datetime.now(datetime.timezone.utc)
expiry = now + datetime.timedelta(hours=24)
key = blobs.get_user_delegation_key(now - datetime.timedelta(minutes=5), expiry)
seen["key"] = [key.signed_oid, key.signed_service, len(base64.b64decode(key.value))]


def link(**more):
    permission = more.pop("permission", BlobSasPermissions(read=True))
    signed = generate_blob_sas(
        account, "photos", "cat.png", user_delegation_key=key, permission=permission, expiry=expiry, **more
    )
    return BlobClient.from_blob_url(f"{blob.url}?{signed}", retry_total=0)


seen["link"] = link().download_blob().readall().decode()
seen["link from"] = link(start=now - datetime.timedelta(minutes=1), protocol="https").download_blob().readall().decode()
seen["link type"] = link(content_type="text/plain").download_blob().properties.content_settings.content_type
seen["link to write"] = refused(
    lambda: link(permission=BlobSasPermissions(write=True)).download_blob().readall()
)
seen["tampered"] = refused(
    lambda: BlobClient.from_blob_url(link().url.replace("sp=r", "sp=rw"), retry_total=0).download_blob()
)
json.dump(seen, sys.stdout)
