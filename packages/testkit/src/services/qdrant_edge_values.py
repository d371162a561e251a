"""Parts of requests and answers of Qdrant's REST interface as values of its engine (qdrant-edge-py), and back."""

import qdrant_edge as edge

DISTANCES = {"Cosine": edge.Distance.Cosine, "Dot": edge.Distance.Dot, "Euclid": edge.Distance.Euclid}
MODIFIERS = {None: None, "none": None, "idf": edge.Modifier.Idf}
MODES = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def one_of(value, known, what):
    """What is not known here is refused: an engine that ignored a part of a request would prove nothing."""
    unknown = set(value) - set(known)
    if unknown:
        raise Refused(400, f"{what}: not supported by this server: {', '.join(sorted(unknown))}")


def as_list(value):
    return value if isinstance(value, list) else [value]


def to_filter(given):
    one_of(given, ["must", "should", "must_not"], "filter")
    parts = {name: [to_condition(each) for each in as_list(given[name])] for name in given if given[name] is not None}
    return edge.Filter(**parts)


def to_condition(given):
    if "has_id" in given:
        one_of(given, ["has_id"], "condition")
        return edge.HasIdCondition(set(given["has_id"]))
    if "has_vector" in given:
        one_of(given, ["has_vector"], "condition")
        return edge.HasVectorCondition(given["has_vector"])
    if "is_empty" in given:
        one_of(given, ["is_empty"], "condition")
        return edge.IsEmptyCondition(given["is_empty"]["key"])
    if "key" not in given:
        return to_filter(given)
    one_of(given, ["key", "match", "range"], "condition")
    if "match" in given:
        return edge.FieldCondition(given["key"], match=to_match(given["match"]))
    one_of(given["range"], ["gt", "gte", "lt", "lte"], "range")
    return edge.FieldCondition(given["key"], range=edge.RangeFloat(**given["range"]))


def to_match(given):
    one_of(given, ["value", "any"], "match")
    return edge.MatchValue(given["value"]) if "value" in given else edge.MatchAny(given["any"])


def optional_filter(given):
    return None if given is None else to_filter(given)


def to_config(vectors, sparse_vectors):
    sparse = {name: to_sparse_params(each) for name, each in sparse_vectors.items()}
    if not vectors:
        return edge.EdgeConfig(sparse_vectors=sparse)
    if vectors["distance"] not in DISTANCES:
        raise Refused(400, f"distance: not supported by this server: {vectors['distance']}")
    params = edge.EdgeVectorParams(size=vectors["size"], distance=DISTANCES[vectors["distance"]])
    return edge.EdgeConfig(vectors=params, sparse_vectors=sparse)


def to_sparse_params(given):
    one_of(given, ["modifier", "index"], "sparse vector")
    if given.get("modifier") not in MODIFIERS:
        raise Refused(400, f"modifier: not supported by this server: {given.get('modifier')}")
    return edge.EdgeSparseVectorParams(modifier=MODIFIERS[given.get("modifier")])


def to_vector(given):
    if isinstance(given, list):
        return given
    one_of(given, ["indices", "values"], "vector")
    if len(set(given["indices"])) != len(given["indices"]):
        raise Refused(422, "indices: must be unique")
    return edge.SparseVector(given["indices"], given["values"])


def check_dimensions(given, size):
    dense = given if isinstance(given, list) else given.get("")
    if dense is not None and len(dense) != size:
        raise Refused(400, "Wrong input: Vector dimension error")


def to_vectors(given):
    return given if isinstance(given, list) else {name: to_vector(each) for name, each in given.items()}


def from_vector(given):
    if isinstance(given, edge.SparseVector):
        return {"indices": given.indices, "values": given.values}
    return given


def from_vectors(given):
    return {name: from_vector(each) for name, each in given.items()} if isinstance(given, dict) else given


def to_schema(given):
    kind = given if isinstance(given, str) else given["type"]
    params = {} if isinstance(given, str) else {name: value for name, value in given.items() if name != "type"}
    kinds = {
        "keyword": edge.KeywordIndexParams,
        "integer": edge.IntegerIndexParams,
        "float": edge.FloatIndexParams,
        "bool": edge.BoolIndexParams,
    }
    if kind not in kinds:
        raise Refused(400, f"field_schema: not supported by this server: {kind}")
    return kinds[kind](**params)
