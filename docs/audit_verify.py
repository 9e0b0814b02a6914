#!/usr/bin/env python3
"""Verifies an export of Korrigo's audit trail. It needs Python and nothing else: no network, no database, no Korrigo.

    audit_verify.py EXPORT PUBLIC_KEY_FILE [CHECKPOINTS_FILE]

Ends with 0 if every event is what was written, else with 1 and the first line that is not.
"""
import base64, hashlib, json, sys, uuid
# Ed25519 (RFC 8032): points are (x, y, z, t) with x = X/Z, y = Y/Z, x*y = T/Z.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def check(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)

def add(a, b):
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total

def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    check(y < P and (x * x - square) % P == 0 and (x or not sign), "it is not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def signed(key, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, point(key)))
    same = (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0
    return len(signature) == 64 and s < Q and same

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def text(value):
    data = value.encode()
    return len(data).to_bytes(8, "big") + data
def integer(value):
    check(type(value) is int, "it is not a whole number")
    return value.to_bytes(8, "big", signed=True)
def identity(value):
    check(str(uuid.UUID(value)) == value, "it is not an id")
    return uuid.UUID(value).bytes
def digest(value):
    check(len(value) == 64 and bytes.fromhex(value).hex() == value, "it is not a digest")
    return bytes.fromhex(value)

def push(nodes, size, leaf):
    """Adds a leaf to an RFC 9162 tree of this size, which is kept as the roots of its perfect subtrees."""
    while size & 1:
        leaf, size = sha256(b"\x01", nodes.pop(), leaf), size >> 1
    nodes.append(leaf)

def tree_root(nodes):
    root = nodes[-1] if nodes else sha256()
    for node in reversed(nodes[:-1]):
        root = sha256(b"\x01", node, root)
    return root

def open_note(note, public):
    name, key_id, key = public.split("+", 2)
    key = base64.b64decode(key, validate=True)
    check(key[:1] == b"\x01" and sha256(name.encode(), b"\n", key).hex()[:8] == key_id, "the public key is damaged")
    body, signature = note.split("\n\n")
    start = "\u2014 " + name + " "
    check(signature.startswith(start) and signature.endswith("\n"), "the checkpoint has another form or another key")
    raw = base64.b64decode(signature[len(start):-1], validate=True)
    check(base64.b64encode(raw).decode() == signature[len(start):-1], "the signature is not written as it should be")
    check(raw[:4].hex() == key_id, "the checkpoint is signed with another key")
    check(signed(key[1:], (body + "\n").encode(), raw[4:]), "the signature of a checkpoint does not fit")
    origin, size, root = body.split("\n")
    check(origin == name and str(int(size)) == size, "the checkpoint has another form")
    return int(size), base64.b64decode(root, validate=True)

PEOPLE = {"ADD_USER", "CHANGE_USER", "INVITE_USER", "SET_PASSWORD", "ERASE_USER", "RESTORE_USER", "OPERATE"}

def leaf_of(event, ends, position):
    """The leaf of an event, if the event continues its chain: that of a copy, or of a person, whose id is `copy_id` then."""
    seq, head, whose = ends.get(event["copy_id"], (0, bytes(32), "person" if event["action"] in PEOPLE else "copy"))
    where = f"{whose} {event['copy_id']}, event {seq + 1}"
    check(event["seq"] == seq + 1, f"{where}: missing or out of order")
    check(digest(event["prev"]) == head, f"{where}: it does not continue the one before")
    hashed = sha256(
        b"korrigo.audit.v1\x00", head, identity(event["copy_id"]), integer(event["seq"]), text(event["action"]),
        text(event["actor_kind"]), identity(event["actor_id"]), identity(event["operation_id"]),
        integer(event["at_microseconds"]), text(event["metadata"]))
    leaf = sha256(b"\x00", hashed, identity(event["event_id"]), integer(event["copy_version"]))
    check((digest(event["hash"]), digest(event["leaf"])) == (hashed, leaf), f"{where}: it was altered")
    check(integer(event["position"]) == integer(position), f"leaf {position}: missing or out of order")
    ends[event["copy_id"]] = (seq + 1, hashed, whose)
    return leaf

def verify(export, public, known):
    ends, nodes, size, kinds = {}, [], 0, []
    for line in open(export, "rb"):
        line = line.decode().removesuffix("\n")
        said = json.loads(line)
        check(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == line, "unknown spelling")
        kind, rest = said.pop("type"), len(said)
        kinds += [] if kind == "event" else [kind]
        if kind == "event":
            check(kinds == ["export"] and rest == 14, "an event is not where events are")
            push(nodes, size, leaf_of(said, ends, size))
            size += 1
            differs = size in known and known[size] != tree_root(nodes)
            check(not differs, f"a checkpoint differs about the first {size} events")
        elif kind == "export":
            check(rest == 3 and (said["version"], said["origin"]) == (1, public.split("+")[0]), "unknown header")
            expected = said["size"]
        elif kind == "checkpoint":
            check(rest == 1 and (size, tree_root(nodes)) == open_note(said["note"], public),
                  "the checkpoint vouches for other events: some are missing, inserted, or were rewritten")
        else:
            check(said == {"key": public}, "the export names another key")
    check(kinds == ["export", "checkpoint", "key"] and expected == size, "the export is not whole")
    copies = sum(whose == "copy" for _, _, whose in ends.values())
    return f"OK: {size} events of {copies} copies and {len(ends) - copies} people are what was written"

def main(export, key, checkpoints=None):
    public, known = open(key).read().strip(), {}
    parts = open(checkpoints).read().split("\n\n") if checkpoints else [""]
    check(len(parts) % 2 and not parts[-1], "a checkpoint is torn")
    for body, signature in zip(parts[::2], parts[1::2]):
        size, root = open_note(f"{body}\n\n{signature}\n", public)
        check(known.setdefault(size, root) == root, f"two checkpoints differ about the first {size} events")
    print(verify(export, public, known))

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as problem:
        sys.exit(f"FAIL: {problem}")
