"""Changes to sound inputs, each drawn with a ``random.Random``."""

import copy
import json

#: Values in place of any other.
STRANGE = (
    *(None, True, False, 0, -1, 1, 3, 2**31, 2**63, 10**400, 1e20, 1e30, 1e308),
    *(float("nan"), float("inf"), -0.0, 0.5, "", "a", "1", "é\x00", "../a", "x" * 3000),
    *([], [[]], [0], [None] * 3, {}, {"a": 1}, {"": None}),
)

#: Pieces in place of, or between, the bytes of a file.
PIECES = (
    *(b"", b"\0", b"\xff", b"\xff\xd9", b"\xff\xd8", b"\n", b"[", b"]", b"{", b"}"),
    *(b'"', b":", b"-", b"!", b"&a", b"*a", b"<<: ", b"1e400", b"NaN", b"\xe2\x80\xa8"),
    *(b"!!python/object/apply:os.abort []", b"!!binary x", b"2020-13-45", b"\t"),
)


def mutated_value(value, random):
    """A copy of JSON-like data with one to three changes."""
    value = copy.deepcopy(value)
    for _ in range(random.randint(1, 3)):
        value = _changed(value, random)
    return value


def _changed(value, random):
    """Change an element at a random depth, or the value itself."""
    keys = list(value) if isinstance(value, dict) else range(len(_items(value)))
    if not keys or random.random() < 0.15:
        return copy.deepcopy(random.choice(STRANGE))
    key = random.choice(list(keys))
    what = random.random()
    if what < 0.1:
        del value[key]
    elif what < 0.2 and isinstance(value, list):
        value.insert(key, copy.deepcopy(random.choice([*STRANGE, value[key]])))
    elif what < 0.2:
        value[random.choice(("", "id", "joints", "a", f"{key}s"))] = value.pop(key)
    else:
        value[key] = _changed(value[key], random)
    return value


def _items(value):
    return value if isinstance(value, list) else ()


def mutated_bytes(content, random):
    """A copy of some bytes with one to four changes."""
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(content))
        end = min(len(content), start + random.choice((0, 1, 1, 2, 4, 16, 1000)))
        what = random.random()
        if what < 0.3:
            piece = bytes(random.randrange(256) for _ in range(end - start))
        elif what < 0.6:
            piece = random.choice(PIECES)
        elif what < 0.7:
            other = random.randint(0, len(content))
            piece = content[other : other + end - start]
        elif what < 0.85:  # another bit
            piece = bytes(
                byte ^ (1 << random.randrange(8)) for byte in content[start:end]
            )
        else:  # cut off
            piece, end = b"", len(content)
        content = content[:start] + piece + content[end:]
    return content


def mutated_json(value, random):
    """The bytes of a changed JSON file."""
    content = json.dumps(mutated_value(value, random)).encode()
    return mutated_bytes(content, random) if random.random() < 0.3 else content
