"""What schemathesis cannot make from a schema alone: bodies that are not JSON, and tensors whose shape fits their data."""

import json

import schemathesis
from hypothesis import strategies as st

FEATURES = [
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness",
    "valence", "tempo", "duration_ms", "time_signature", "chorus_hit", "sections",
]
NUMBERS = st.integers(-100, 100) | st.none()

tracks = st.dictionaries(st.sampled_from(FEATURES), NUMBERS, min_size=1)


@st.composite
def tables(draw):
    names = draw(st.lists(st.sampled_from(FEATURES), min_size=1, max_size=15, unique=True))
    rows = draw(st.lists(st.tuples(*[NUMBERS] * len(names)), max_size=20))
    lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([",".join(names), *lines]) + "\n"


lines = st.lists(tracks | st.none(), max_size=20).map(lambda tracks: "\n".join(map(json.dumps, tracks)))

schemathesis.openapi.media_type("text/csv", tables().map(str.encode))
schemathesis.openapi.media_type("application/x-ndjson", lines.map(str.encode))


@schemathesis.serializer("text/csv", "application/x-ndjson")
def as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The examples of these media types as bytes beside their schema: a type with bodies of its own takes no other examples."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for media_type in ["text/csv", "application/x-ndjson"]:
                if media_type not in content:
                    continue
                schema = content[media_type]["schema"]
                while "$ref" in schema:
                    schema = raw_schema["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
                examples = {str(at): {"value": text.encode()} for at, text in enumerate(schema.get("examples", []))}
                content[media_type] = {"schema": {"type": "string"}, "examples": examples}
