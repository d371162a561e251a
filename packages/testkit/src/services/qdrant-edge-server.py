"""Speaks the part of Qdrant's REST interface that Tandem uses, on top of Qdrant's own engine (qdrant-edge-py).

The engine stores, filters, guards and searches. Made here, from operations of the engine: query groups (search again without the
groups already found), batches (one operation after the other), and lists of collections. Every collection is one shard in one
folder; nothing is kept after the end. For tests only: no authentication, no TLS, no replicas.

Usage: qdrant-edge-server.py <folder> <port>
"""

import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import qdrant_edge as edge
from qdrant_edge_values import (
    MODES,
    Refused,
    check_dimensions,
    from_vectors,
    one_of,
    optional_filter,
    to_config,
    to_filter,
    to_schema,
    to_sparse_params,
    to_vector,
    to_vectors,
)

# The release of Qdrant whose routes these are.
SPOKEN_VERSION = "1.18.0"


class Collection:
    def __init__(self, path, request):
        self.path = path
        self.params = {"vectors": request.get("vectors") or {}, "sparse_vectors": request.get("sparse_vectors") or {}}
        self.schema = {}
        self.lock = threading.RLock()
        self.operations = 0
        self.shard = edge.EdgeShard.create(str(path), to_config(**self.params))

    def drop(self):
        with self.lock:
            self.shard.close()
            shutil.rmtree(self.path, ignore_errors=True)

    def apply(self, operation):
        with self.lock:
            self.shard.update(operation)
            self.operations += 1
            return {"operation_id": self.operations, "status": "completed"}

    def info(self):
        with self.lock:
            count = self.shard.info().points_count
        return {
            "status": "green",
            "optimizer_status": "ok",
            "points_count": count,
            "segments_count": 1,
            "config": {"params": self.params},
            "payload_schema": self.schema,
        }

    def index(self, body):
        self.schema[body["field_name"]] = {"data_type": body["field_schema"], "points": 0}
        return self.apply(edge.UpdateOperation.create_field_index(body["field_name"], to_schema(body["field_schema"])))

    def upsert(self, body):
        one_of(body, ["points", "update_filter", "update_mode"], "upsert")
        for point in body["points"]:
            check_dimensions(point["vector"], self.params["vectors"].get("size"))
        points = [edge.Point(each["id"], to_vectors(each["vector"]), each.get("payload")) for each in body["points"]]
        guard, mode = optional_filter(body.get("update_filter")), MODES.get(body.get("update_mode"))
        return self.apply(edge.UpdateOperation.upsert_points(points, guard, mode))

    def delete(self, body):
        if "points" in body:
            return self.apply(edge.UpdateOperation.delete_points(body["points"]))
        return self.apply(edge.UpdateOperation.delete_points_by_filter(to_filter(body["filter"])))

    def delete_vectors(self, body):
        one_of(body, ["filter", "vector"], "delete_vectors")
        return self.apply(edge.UpdateOperation.delete_vectors_by_filter(to_filter(body["filter"]), body["vector"]))

    def add_vector(self, name, body):
        one_of(body, ["sparse"], "vector")
        params = to_sparse_params(body["sparse"])
        with self.lock:
            self.params["sparse_vectors"][name] = body["sparse"]
            return self.apply(edge.UpdateOperation.create_sparse_vector(name, modifier=params.modifier))

    def set_payload(self, body):
        one_of(body, ["payload", "points", "filter"], "set_payload")
        if "points" in body:
            return self.apply(edge.UpdateOperation.set_payload(body["points"], body["payload"]))
        return self.apply(edge.UpdateOperation.set_payload_by_filter(to_filter(body["filter"]), body["payload"]))

    def batch(self, body):
        known = {
            "upsert": self.upsert,
            "delete": self.delete,
            "delete_vectors": self.delete_vectors,
            "set_payload": self.set_payload,
        }
        results = []
        for operation in body["operations"]:
            one_of(operation, known, "batch")
            results += [known[name](request) for name, request in operation.items()]
        return results

    def retrieve(self, body):
        with_payload, with_vector = body.get("with_payload", True), body.get("with_vector") or False
        with self.lock:
            found = self.shard.retrieve(body["ids"], with_payload=with_payload, with_vector=with_vector)
        return [record(each) for each in found]

    def scroll(self, body):
        request = edge.ScrollRequest(
            offset=body.get("offset"),
            limit=body.get("limit", 10),
            filter=optional_filter(body.get("filter")),
            with_payload=body.get("with_payload", True),
        )
        with self.lock:
            points, following = self.shard.scroll(request)
        following = None if following is None else str(following)
        return {"points": [record(each) for each in points], "next_page_offset": following}

    def count(self, body):
        request = edge.CountRequest(exact=body.get("exact", True), filter=optional_filter(body.get("filter")))
        with self.lock:
            return {"count": self.shard.count(request)}

    def search(self, body, limit, filter):
        params = {name: value for name, value in (body.get("params") or {}).items() if value is not None}
        request = edge.QueryRequest(
            limit=limit,
            query=edge.Query.Nearest(to_vector(body["query"]), using=body.get("using")),
            filter=filter,
            with_payload=True,
            score_threshold=body.get("score_threshold"),
            params=edge.SearchParams(**params),
        )
        with self.lock:
            return self.shard.query(request)

    def query(self, body):
        known = ["query", "using", "filter", "limit", "with_payload", "score_threshold", "params"]
        one_of(body, known, "query")
        found = self.search(body, body.get("limit", 10), optional_filter(body.get("filter")))
        return {"points": [scored(each) for each in found]}

    def query_groups(self, body):
        known = ["query", "using", "filter", "group_by", "group_size", "limit", "with_payload", "score_threshold", "params"]
        one_of(body, known, "query groups")
        key, limit = body["group_by"], body["limit"]
        asked = optional_filter(body.get("filter")) or edge.Filter()
        groups = {}
        while len(groups) < limit:
            seen = edge.Filter(must_not=[edge.FieldCondition(key, match=edge.MatchAny(list(groups)))])
            found = self.search(body, limit, edge.Filter(must=[asked, seen]) if groups else asked)
            if not found:
                break
            for each in found:
                hits = groups.setdefault(each.payload[key], [])
                if len(hits) < body.get("group_size", 3):
                    hits.append(scored(each))
        best = list(groups.items())[:limit]
        return {"groups": [{"id": name, "hits": hits} for name, hits in best]}


def scored(point):
    return {**record(point), "score": point.score, "version": point.version}


def record(point):
    return {"id": str(point.id), "payload": point.payload, "vector": from_vectors(point.vector)}


class Server:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.collections = {}
        self.made = 0
        self.lock = threading.Lock()

    def get(self, name):
        found = self.collections.get(name)
        if found is None:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return found

    def create(self, name, body):
        with self.lock:
            if name in self.collections:
                raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
            self.made += 1
            self.collections[name] = Collection(self.folder / str(self.made), body)
        return True

    def drop(self, name):
        with self.lock:
            found = self.collections.pop(name, None)
        if found is not None:
            found.drop()
        return found is not None

    def answer(self, method, path, body):
        if path == ["collections"] and method == "GET":
            return {"collections": [{"name": name} for name in sorted(self.collections)]}
        if len(path) < 2 or path[0] != "collections":
            raise Refused(404, "no such route on this server")
        name, rest = path[1], (method, *path[2:])
        if rest == ("GET", "exists"):
            return {"exists": name in self.collections}
        if rest == ("PUT",):
            return self.create(name, body)
        if rest == ("DELETE",):
            return self.drop(name)
        collection = self.get(name)
        routes = {
            ("GET",): lambda _: collection.info(),
            ("PUT", "index"): collection.index,
            ("PUT", "points"): collection.upsert,
            ("POST", "points"): collection.retrieve,
            ("POST", "points", "batch"): collection.batch,
            ("POST", "points", "delete"): collection.delete,
            ("POST", "points", "payload"): collection.set_payload,
            ("POST", "points", "scroll"): collection.scroll,
            ("POST", "points", "count"): collection.count,
            ("POST", "points", "query"): collection.query,
            ("POST", "points", "query", "groups"): collection.query_groups,
        }
        if rest[:2] == ("PUT", "vectors") and len(rest) == 3:
            return collection.add_vector(rest[2], body)
        if rest not in routes:
            raise Refused(404, f"no route {method} /{'/'.join(path)} on this server")
        return routes[rest](body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave at once, instead of waiting for an acknowledgement in between.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        try:
            if url.path == "/":
                title = f"qdrant-edge-py {version('qdrant-edge-py')}"
                return self.reply(200, {"title": title, "version": SPOKEN_VERSION})
            if parse_qs(url.query).get("wait", ["true"]) != ["true"]:
                raise Refused(400, "this server always waits")
            path = [unquote(part) for part in url.path.split("/") if part]
            result = self.server.state.answer(self.command, path, json.loads(raw) if raw else {})
            self.reply(200, {"result": result, "status": "ok", "time": 0})
        except Refused as error:
            self.reply(error.status, {"status": {"error": str(error)}, "time": 0})
        except (KeyError, TypeError, ValueError) as error:
            self.reply(400, {"status": {"error": f"{type(error).__name__}: {error}"}, "time": 0})
        except Exception as error:
            self.reply(500, {"status": {"error": f"{type(error).__name__}: {error}"}, "time": 0})

    do_GET = do_PUT = do_POST = do_DELETE = handle_one

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
    server.daemon_threads = True
    server.state = Server(sys.argv[1])
    print("listening", flush=True)
    server.serve_forever()
