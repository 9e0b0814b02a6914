"""prove-scene.py DIRECTORY

Prepares what prove-openapi.sh asks about, for one caller: copies in every state, with the locks in the caller's
hand, so that questions are answered and not only refused. DIRECTORY has a scan. Writes the configuration of
Schemathesis to stdout: which operation is asked about which copy, so that none takes away what another is asked about.

KORRIGO_URL is the gateway; ADMIN and CALLER are the tokens of an administrator and of the caller.
"""

import json
import os
import pathlib
import sys
import time
import urllib.request
import uuid

API = os.environ["KORRIGO_URL"] + "/api/v1"
ADMIN, CALLER = os.environ["ADMIN"], os.environ["CALLER"]
PATIENCE = 120
SCHEME = {"questions": [
    {"id": "1", "label": "Exercise 1", "children": [{"id": "1.a", "label": "Reading", "max_points": "5"}]},
    {"id": "2", "label": "Exercise 2", "max_points": "15"},
]}
ANNOTATION = {"page_index": 0, "rectangle": {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.1}, "kind": "COMMENT", "text": "Well"}


def ask(token, method, path, body=None, **headers):
    """The JSON of an answer, and its ETag."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, dict):
        headers["Content-Type"] = "application/json"
        body = json.dumps(body).encode()
    headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(API + path, body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers["ETag"]


def exam(correctors):
    """A new exam with questions: its id and its version."""
    fields = {"name": "Proof", "date": "2026-06-15", "correctors": correctors, "pages_per_copy": 2}
    made, version = ask(ADMIN, "POST", "/exams", fields)
    scheme = f"/exams/{made['id']}/marking-scheme"
    return made["id"], ask(ADMIN, "PUT", scheme, SCHEME, If_Match=version)[1]


def upload(exam, document, what="copies"):
    """A new copy or batch, whose job has ended, well or not, and the job."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="copy.pdf"\r\n'
    body = f"{head}Content-Type: application/pdf\r\n\r\n".encode() + document + f"\r\n--{boundary}--\r\n".encode()
    content = {"Content_Type": f"multipart/form-data; boundary={boundary}", "Idempotency_Key": uuid.uuid4().hex}
    accepted, _ = ask(CALLER, "POST", f"/exams/{exam}/{what}", body, **content)
    ended(accepted["job"]["id"])
    return accepted.get("copy_id") or accepted["batch_id"], accepted["job"]["id"]


def ended(job):
    """Waits until a job has ended."""
    until = time.monotonic() + PATIENCE
    while ask(ADMIN, "GET", f"/jobs/{job}")[0]["state"] in ("QUEUED", "RUNNING"):
        if time.monotonic() > until:
            sys.exit("a job does not end")
        time.sleep(0.2)


def ready(exam, document):
    copy, _ = upload(exam, document)
    ask(ADMIN, "POST", f"/copies/{copy}/validate")
    return copy


def locked(exam, document):
    copy = ready(exam, document)
    return copy, ask(CALLER, "POST", f"/copies/{copy}/lock", {})[0]["token"]


def annotate(copy, lock):
    keys = {"X_Lock_Token": lock, "Idempotency_Key": uuid.uuid4().hex}
    return ask(CALLER, "POST", f"/copies/{copy}/annotations", ANNOTATION, **keys)[0]["id"]


def graded(exam, document):
    copy, lock = locked(exam, document)
    keys = {"X_Lock_Token": lock, "Idempotency_Key": uuid.uuid4().hex}
    finalized, _ = ask(CALLER, "POST", f"/copies/{copy}/finalize", **keys)
    ended(finalized["job"]["id"])
    return copy


def teachers():
    return [user["id"] for user in ask(ADMIN, "GET", "/users?role=TEACHER")[0]["items"]]


def pupil():
    """A pupil of whom there is no other."""
    name = uuid.uuid4().hex
    ask(ADMIN, "POST", "/students/import", f"Nom;Prénom\n{name};Alix\n".encode(), Content_Type="text/csv")
    return ask(ADMIN, "GET", f"/students?search={name}")[0]["items"][0]["id"]


def entry(operations, parameters):
    """How Schemathesis is told what to ask these operations about."""
    values = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in parameters.items())
    print(f"[[operations]]\ninclude-operation-id = {json.dumps(operations)}\nparameters = {{ {values} }}\n")


def main():
    scan = min(pathlib.Path(sys.argv[1]).glob("copy-*.pdf")).read_bytes()
    # A comment behind its end makes another file of it.
    documents = (scan + b"\n%% %d\n" % number for number in range(100))
    first, _ = exam(teachers())
    scheme, scheme_version = exam(teachers())
    _, job = upload(first, next(documents))
    (staging, _), (unwanted, _) = upload(first, next(documents)), upload(first, next(documents))
    merging, _ = upload(first, next(documents))
    (batch, _), (unwanted_batch, _) = (upload(first, next(documents), "batches") for _ in range(2))
    broken, _ = upload(first, b"%PDF-1.7\n%%EOF\n")
    free, (taken, key) = ready(first, next(documents)), locked(first, next(documents))
    copy, lock = locked(first, next(documents))
    changing, erasing = annotate(copy, lock), annotate(copy, lock)
    last, last_lock = locked(first, next(documents))
    (released, _), (releasing, _) = exam(teachers()), exam(teachers())
    changing_scores, _ = exam(teachers())
    for results in (released, releasing, changing_scores):
        graded(results, next(documents))
    ask(ADMIN, "POST", f"/exams/{released}/release", Idempotency_Key=uuid.uuid4().hex)
    archive, _ = ask(ADMIN, "POST", f"/exams/{released}/archive", Idempotency_Key=uuid.uuid4().hex)
    ended(archive["job"]["id"])
    done, undone = graded(first, next(documents)), graded(first, next(documents))
    fields = {"login": f"{uuid.uuid4().hex}@school.example", "display_name": "Dominique Exemple", "role": "TEACHER"}
    person, _ = ask(ADMIN, "POST", "/users", fields)
    _, version = ask(ADMIN, "GET", f"/exams/{first}")

    entry(["dispatchCopies", "getProgress", "getStatistics"], {"path.id": scheme})
    entry(["getExam", "uploadCopy", "uploadBatch", "listBatches", "validateAllCopies",
           "listUnidentifiedCopies", "orderAllSuggestions"], {"path.id": first})
    entry(["updateExam"], {"path.id": first, "header.If-Match": version})
    entry(["setMarkingScheme"], {"path.id": scheme, "header.If-Match": scheme_version})
    entry(["getJob", "cancelJob"], {"path.id": job})
    entry(["getBatch"], {"path.id": batch})
    entry(["discardBatch"], {"path.id": unwanted_batch})
    entry(["getUser", "updateUser", "inviteUser"], {"path.id": person["user"]["id"]})
    entry(["getStudent", "updateStudent", "inviteStudent"], {"path.id": pupil()})
    entry(["eraseStudent"], {"path.id": pupil()})
    entry(["getProblemType"], {"path.code": "not_found"})
    entry(["getCopy", "listAnnotations", "listCopyEvents", "getScores", "getLock"], {"path.id": copy})
    entry(["getIdentityImage", "identifyCopy", "unidentifyCopy"], {"path.id": copy})
    entry(["mergeCopies", "reorderBooklets"], {"path.id": merging})
    entry(["orderSuggestions", "getSuggestions"], {"path.id": free})
    entry(["getDraft", "putDraft", "deleteDraft"], {"path.id": copy})
    entry(["getPageImage"], {"path.id": copy, "path.index": 0})
    held = {"path.id": copy, "header.X-Lock-Token": lock}
    entry(["createAnnotation", "setAppreciation", "extendLock"], held)
    entry(["setScore", "setRemark"], {**held, "path.question_id": "2"})
    entry(["updateAnnotation"], {**held, "path.aid": changing, "header.If-Match": '"0"'})
    entry(["deleteAnnotation"], {**held, "path.aid": erasing, "header.If-Match": '"0"'})
    entry(["lockCopy", "forceReleaseLock", "setCorrector"], {"path.id": free})
    entry(["releaseLock"], {"path.id": taken, "header.X-Lock-Token": key})
    entry(["finalizeCopy"], {"path.id": last, "header.X-Lock-Token": last_lock})
    entry(["validateCopy"], {"path.id": staging})
    entry(["retryImport"], {"path.id": broken})
    entry(["discardCopy"], {"path.id": unwanted})
    entry(["getCorrectedDocument"], {"path.id": done})
    entry(["releaseResults", "withdrawResults"], {"path.id": releasing})
    entry(["changeScores", "listChangeSets"], {"path.id": changing_scores})
    entry(["listReleases", "getResultsTable", "getPronoteTable"], {"path.id": released})
    entry(["orderArchive", "getArchive", "getArchiveFile"], {"path.id": released})
    entry(["getRelease"], {"path.id": released, "path.number": 1})
    entry(["reopenCopy"], {"path.id": undone})


main()
