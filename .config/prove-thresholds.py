"""Takes away every threshold of every alert, one at a time, and looks whether the tests of the rules notice.

    prove-thresholds.py DIRECTORY    where there are `rules` and `tests`; nothing in it is changed

Each alert gets twins, one for each of its thresholds, and each twin lacks that one. All of them are tested at once by
what is expected of the alert itself, and every twin has to fail. Prints each that does not.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

# A comparison with a number, or with what another metric says.
THRESHOLD = re.compile(r"(?:(?<=\s)|^)(?:==|[<>]=?) +(?:on \(\w+\) +)?[\w.]+(?: \* [\w.]+)*")
ITEM = re.compile(r"( *)- ")
ALERT = re.compile(r" *- alert: (\w+)")
TESTED = re.compile(r"alertname: (\w+)")
EXPRESSION = re.compile(r"(?s)(?<=expr:).*?(?=\n +(?:for|labels):)")


def items(lines, depth):
    """The lines in parts: each item of a list that is indented so far, and what is between two of them."""
    parts = [[]]
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if ITEM.match(line) and indent == depth or line.strip() and indent < depth or line.strip().startswith("#"):
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def without_one(rule):
    """The rule, once for each of its thresholds."""
    expression = EXPRESSION.search(rule)
    for found in THRESHOLD.finditer(rule, *expression.span()):
        yield found[0], rule[: found.start()] + rule[found.end() :]


def twins(rules):
    """The rules with the twins behind them, and of each twin: its name, its alert, and what it lacks."""
    parts = items(rules.splitlines(), 6)
    alerts = [(number, ALERT.match(part)[1], part.rstrip()) for number, part in enumerate(parts) if ALERT.match(part)]
    lacking = []
    for number, alert, rule in alerts:
        # Several rules may share a name: then a twin has all the others as they are.
        others = [other for place, name, other in alerts if name == alert and place != number]
        for threshold, mutant in without_one(rule):
            twin = f"{alert}Twin{len(lacking)}"
            lacking.append((twin, alert, threshold))
            family = [re.sub(r"alert: \w+", f"alert: {twin}", rule, count=1) for rule in [mutant, *others]]
            parts[number] += "\n" + "\n".join(family)
    return "\n".join(parts) + "\n", lacking


def expectations(tests, lacking):
    """The tests, where every twin is expected to do what its alert does."""
    parts = items(tests.splitlines(), 6)
    for number, part in enumerate(parts):
        tested = TESTED.search(part)
        for twin in (twin for twin, alert, _ in lacking if tested and alert == tested[1]):
            parts[number] += "\n" + TESTED.sub(f"alertname: {twin}", part)
    return "\n".join(parts) + "\n"


def main(directory):
    unnoticed = thresholds = alerts = 0
    for file in sorted((directory / "rules").glob("*.yml")):
        rules, lacking = twins(file.read_text())
        tests = expectations((directory / "tests" / f"{file.stem}.test.yml").read_text(), lacking)
        with tempfile.TemporaryDirectory() as place:
            for part, text in ("rules", rules), ("tests", tests):
                pathlib.Path(place, part).mkdir()
                name = file.name if part == "rules" else f"{file.stem}.test.yml"
                pathlib.Path(place, part, name).write_text(text)
            test = ["promtool", "test", "rules", f"tests/{file.stem}.test.yml"]
            said = subprocess.run(test, cwd=place, capture_output=True, text=True)
        failed = set(TESTED.findall(said.stdout + said.stderr))
        if not failed <= {twin for twin, _, _ in lacking}:
            sys.exit(f"{file.name}: more than the twins has failed\n{said.stdout}{said.stderr}")
        missed = [(alert, threshold) for twin, alert, threshold in lacking if twin not in failed]
        for alert, threshold in missed:
            print(f"{file.name}: nobody misses `{threshold}` of {alert}")
        unnoticed += len(missed)
        thresholds += len(lacking)
        alerts += len({alert for _, alert, _ in lacking})
    print(f"{thresholds} thresholds of {alerts} alerts were taken away, {unnoticed} were not missed")
    return thresholds == 0 or unnoticed > 0


sys.exit(main(pathlib.Path(sys.argv[1])))
