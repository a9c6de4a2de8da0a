"""Reads what was written back with Google's own Python clients, and prints it as JSON.

Arguments: the endpoint, an access token, the bucket, the role's full name.
"""

import json
import sys

from google.cloud import storage
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

endpoint, token, bucket_name, role_name = sys.argv[1:]
credentials = Credentials(token)
client = storage.Client(
    project="acme-vision",
    credentials=credentials,
    client_options={"api_endpoint": endpoint},
)
bucket = client.get_bucket(bucket_name)
policy = bucket.get_iam_policy(requested_policy_version=3)
iam = build(
    "iam",
    "v1",
    credentials=credentials,
    static_discovery=True,
    cache_discovery=False,
    client_options={"api_endpoint": endpoint},
)
role = iam.projects().roles().get(name=role_name).execute()
print(
    json.dumps(
        {
            "cors": list(bucket.cors),
            "bindings": [
                {"role": binding["role"], "members": sorted(binding["members"])}
                for binding in policy.bindings
            ],
            "role": role,
        }
    )
)
