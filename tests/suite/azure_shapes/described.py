"""Holds requests against the descriptions of the services in Microsoft's packages.

Reads {"requests": [...]} from standard input, and the directory of the tools from the command line. Prints the problems,
and which operations were meant, with how often. The packages are read as text, and not run.
"""

import ast
import collections
import json
import pathlib
import re
import sys
import urllib.parse

tools = pathlib.Path(sys.argv[1])
packages = next((tools / "lib").glob("python3*")) / "site-packages" / "azure" / "mgmt"
older_storage = tools / "azure-mgmt-storage-21" / "azure" / "mgmt" / "storage" / "v2023_05_01"
graph_types = tools / "node_modules" / "@microsoft" / "microsoft-graph-types" / "microsoft-graph.d.ts"

Operation = collections.namedtuple("Operation", "name method pattern version queries body")


def parsed(path):
    return ast.parse(path.read_text())


def texts(node):
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def operation(function, name, body):
    """What a function that builds a request says of it."""
    template = next(text for text in texts(function) if text.startswith("/") and text != "/")
    calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
    made = next(call for call in calls if getattr(call.func, "id", None) == "HttpRequest")
    method = next(word.value.value for word in made.keywords if word.arg == "method")
    versions = [text for text in texts(function) if re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", text)]
    queries = {
        target.slice.value
        for each in ast.walk(function)
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Subscript) and getattr(target.value, "id", None) == "_params"
    }
    # A scope has slashes of its own, and a resource need not have a parent.
    pattern = "".join(
        {"{scope}": ".+", "{parentResourcePath}/": "(?:.+/)?"}.get(part, "[^/]+") if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{parentResourcePath\}/|\{\w+\})", template)
    )
    return Operation(name, method, re.compile(pattern, re.IGNORECASE), versions[0], queries, body)


def operations(path, prefix, bodies):
    for node in parsed(path).body:
        found = isinstance(node, ast.FunctionDef) and re.fullmatch(r"build_(\w+)_request", node.name)
        # By an ID alone, which is any path, everything would be known.
        if found and not found[1].endswith("_by_id"):
            name = f"{prefix}.{found[1]}"
            yield operation(node, name, bodies.get(name))


class Problem(Exception):
    pass


def enumerations(path):
    return {
        node.name: {each.value.value for each in node.body if isinstance(each, ast.Assign)}
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef)
    }


class TypeSpec:
    """Models as they are generated from TypeSpec: annotated fields."""

    def __init__(self, directory):
        self.enumerations = enumerations(directory / "_enums.py")
        self.models = {node.name: node for node in parsed(directory / "_models.py").body if isinstance(node, ast.ClassDef)}

    def fields(self, model):
        fields = {}
        for base in self.models[model].bases:
            if getattr(base, "id", None) in self.models:
                fields.update(self.fields(base.id))
        for node in self.models[model].body:
            if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)):
                continue
            options = {word.arg: ast.literal_eval(word.value) for word in node.value.keywords if word.arg in ("name", "visibility")}
            annotation = ast.unparse(node.annotation).replace("'", "").replace('"', "")
            fields[options.get("name", node.target.id)] = (annotation, options.get("visibility"))
        return fields

    def check(self, model, value, where):
        if not isinstance(value, dict):
            raise Problem(f"{where} is no object")
        fields = self.fields(model)
        for name in value:
            if name not in fields:
                raise Problem(f"{where} has `{name}`, which {model} has not")
        for name, (annotation, visibility) in fields.items():
            read_only = visibility == ["read"]
            if name not in value:
                if not annotation.startswith("Optional[") and not read_only:
                    raise Problem(f"{where} has no `{name}`, which {model} requires")
                continue
            if read_only:
                raise Problem(f"{where} has `{name}`, which only the service writes")
            inner = annotation.removeprefix("Optional[").removesuffix("]") if annotation.startswith("Optional[") else annotation
            self.check_type(inner, value[name], f"{where}.{name}")

    def check_type(self, annotation, value, where):
        if annotation.startswith("list["):
            if not isinstance(value, list):
                raise Problem(f"{where} is no list")
            for at, item in enumerate(value):
                self.check_type(annotation[5:-1], item, f"{where}[{at}]")
            return
        named = re.search(r"_models\.(\w+)", annotation)
        if named and named[1] in self.enumerations:
            if value not in self.enumerations[named[1]]:
                raise Problem(f"{where} is {value!r}, which is not among {named[1]}")
        elif named:
            self.check(named[1], value, where)
        elif not plain(annotation, value):
            raise Problem(f"{where} is {value!r}, and not {annotation}")


class Msrest:
    """Models as they were generated before: maps of attributes."""

    def __init__(self, directory):
        path = directory / "_models_py3.py"
        self.models = {node.name: node for node in parsed(path).body if isinstance(node, ast.ClassDef)}
        file = next(directory.glob("*enums.py"))
        self.enumerations = enumerations(file)

    def table(self, model, name):
        for node in self.models[model].body:
            if isinstance(node, ast.Assign) and node.targets[0].id == name:
                return ast.literal_eval(node.value)
        return {}

    def check(self, model, value, where):
        attributes, rules = self.table(model, "_attribute_map"), self.table(model, "_validation")
        known = {entry["key"]: (entry["type"], rules.get(attribute, {})) for attribute, entry in attributes.items()}
        flat = {}

        def flatten(value, path):
            for name, each in value.items():
                inside = f"{path}{name}"
                if isinstance(each, dict) and any(key.startswith(f"{inside}.") for key in known):
                    flatten(each, f"{inside}.")
                else:
                    flat[inside] = each

        if not isinstance(value, dict):
            raise Problem(f"{where} is no object")
        flatten(value, "")
        for name, each in flat.items():
            if name not in known:
                raise Problem(f"{where} has `{name}`, which {model} has not")
            if known[name][1].get("readonly"):
                raise Problem(f"{where} has `{name}`, which only the service writes")
            if not plain(known[name][0], each):
                raise Problem(f"{where}.{name} is {each!r}, and not {known[name][0]}")
        for name, (_, rule) in known.items():
            if rule.get("required") and name not in flat:
                raise Problem(f"{where} has no `{name}`, which {model} requires")
            if rule.get("constant") and flat.get(name) is None:
                raise Problem(f"{where} has no `{name}`, which is always the same")


def plain(kind, value):
    types = {"str": str, "bool": bool, "int": int, "float": (int, float)}
    if kind == "int" and isinstance(value, bool):
        return False
    return isinstance(value, types.get(kind, (str, dict, list, int, float, bool)))


def members(interface):
    """The members of one of Graph's types, with what they inherit."""
    text = graph_types.read_text()
    found = re.search(rf"^export interface {interface}(?: extends (\w+))? {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
    own = set(re.findall(r"^    (\w+)\??:", found[2], re.MULTILINE))
    return own | (members(found[1]) if found[1] else set())


def graph(request, path, query):
    """https://learn.microsoft.com/graph/api/serviceprincipal-get, …-post-serviceprincipals, …-delete."""
    known = members("ServicePrincipal")
    if request["method"] == "GET" and re.fullmatch(r"/v1\.0/servicePrincipals\(appId='[^']+'\)", path):
        name = "get_service_principal"
    elif request["method"] == "POST" and path == "/v1.0/servicePrincipals":
        name = "create_service_principal"
        for member in json.loads(request["body"]):
            if member not in known:
                raise Problem(f"the body has `{member}`, which a service principal has not")
        if "appId" not in json.loads(request["body"]):
            raise Problem("the body has no `appId`")
    elif request["method"] == "DELETE" and re.fullmatch(r"/v1\.0/servicePrincipals/[0-9a-f-]{36}", path):
        name = "delete_service_principal"
    else:
        raise Problem("Graph has no such operation")
    for option, value in query.items():
        if option != "$select" or request["method"] != "GET":
            raise Problem(f"Graph takes no `{option}` there")
        for member in value.split(","):
            if member not in known:
                raise Problem(f"`{member}` is selected, which a service principal has not")
    return f"graph.{name}"


storage_models = TypeSpec(packages / "storage" / "models")
older_models = Msrest(older_storage / "models")
authorization = packages / "authorization" / "v2022_04_01"
authorization_models = Msrest(authorization / "models")
subscriptions = packages / "resource" / "subscriptions"

known = list(
    operations(
        packages / "storage" / "operations" / "_operations.py",
        "storage",
        {"storage.blob_services_set_service_properties": (storage_models, "BlobServiceProperties")},
    )
)
for path in sorted((older_storage / "operations").glob("_*_operations.py")):
    prefix = f"storage-2023-05-01.{path.stem[1:-11]}"
    known += operations(
        path,
        prefix,
        {
            "storage-2023-05-01.storage_accounts.check_name_availability": (
                older_models,
                "StorageAccountCheckNameAvailabilityParameters",
            )
        },
    )
for path in sorted((authorization / "operations").glob("_*_operations.py")):
    known += operations(
        path,
        f"authorization.{path.stem[1:-11]}",
        {"authorization.role_assignments.create": (authorization_models, "RoleAssignmentCreateParameters")},
    )
for path in sorted((subscriptions / "operations").glob("_*operations.py")):
    known += operations(path, "subscriptions", {})


def resource_manager(request, path, query):
    """The operation that is meant."""
    at_path = [each for each in known if each.pattern.fullmatch(path)]
    if not at_path:
        raise Problem("no operation has that path")
    fitting = [each for each in at_path if each.method == request["method"]]
    if not fitting:
        raise Problem("no operation at that path has that method")
    versions = {each.version for each in fitting}
    fitting = [each for each in fitting if each.version == query.get("api-version")]
    if not fitting:
        raise Problem(f"api-version {query.get('api-version')} is none of {sorted(versions)}")
    # The one that leaves least open.
    meant = min(fitting, key=lambda each: each.pattern.pattern.count("+") + 9 * each.pattern.pattern.count(".+"))
    for name in query:
        if name not in meant.queries:
            raise Problem(f"{meant.name} takes no `{name}`")
    if meant.body:
        models, model = meant.body
        if request["content_type"] != "application/json":
            raise Problem(f"the body of {meant.name} is sent as {request['content_type']}")
        models.check(model, json.loads(request["body"]), "the body")
    elif request["body"] not in ("", "null"):
        raise Problem(f"{meant.name} takes no body")
    return meant.name


problems, meant = [], collections.Counter()
for request in json.load(sys.stdin)["requests"]:
    split = urllib.parse.urlsplit(request["target"])
    path = urllib.parse.unquote(split.path)
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    judge = graph if path.startswith("/v1.0/") else resource_manager
    try:
        meant[judge(request, path, query)] += 1
    except Problem as problem:
        problems.append(f"{request['method']} {request['target']}: {problem}")
json.dump({"problems": problems, "operations": meant}, sys.stdout)
