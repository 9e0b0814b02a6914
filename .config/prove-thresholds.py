"""Takes away every threshold of every alert, one at a time, and for how long it has to hold, which is also doubled, and
looks whether the tests of the rules notice.

    prove-thresholds.py DIRECTORY    where there are `rules` and `tests`; nothing in it is changed

Each alert gets twins, one for each of these changes. All of them are tested at once by what is expected of the alert
itself, and every twin has to fail. Prints each that does not.
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
HOLDS = re.compile(r"\n +for: (\d+)(\w)(?=\n)")
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


def changed(rule):
    """The rule, once for each change, and what that is."""
    expression = EXPRESSION.search(rule)
    for found in THRESHOLD.finditer(rule, *expression.span()):
        yield f"the lack of `{found[0]}`", rule[: found.start()] + rule[found.end() :]
    holds = HOLDS.search(rule)
    if holds:
        words, number, unit = holds[0].strip(), int(holds[1]), holds[2]
        yield f"the lack of `{words}`", HOLDS.sub("", rule)
        yield f"twice `{words}`", HOLDS.sub(holds[0].replace(f"{number}{unit}", f"{2 * number}{unit}"), rule)


def twins(rules):
    """The rules with the twins behind them, and of each twin: its name, its alert, and what is changed in it."""
    parts = items(rules.splitlines(), 6)
    alerts = [(number, ALERT.match(part)[1], part.rstrip()) for number, part in enumerate(parts) if ALERT.match(part)]
    changes = []
    for number, alert, rule in alerts:
        # Several rules may share a name: then a twin has all the others as they are.
        others = [other for place, name, other in alerts if name == alert and place != number]
        for change, mutant in changed(rule):
            twin = f"{alert}Twin{len(changes)}"
            changes.append((twin, alert, change))
            family = [re.sub(r"alert: \w+", f"alert: {twin}", rule, count=1) for rule in [mutant, *others]]
            parts[number] += "\n" + "\n".join(family)
    return "\n".join(parts) + "\n", changes


def expectations(tests, changes):
    """The tests, where every twin is expected to do what its alert does."""
    parts = items(tests.splitlines(), 6)
    for number, part in enumerate(parts):
        tested = TESTED.search(part)
        for twin in (twin for twin, alert, _ in changes if tested and alert == tested[1]):
            parts[number] += "\n" + TESTED.sub(f"alertname: {twin}", part)
    return "\n".join(parts) + "\n"


def main(directory):
    unnoticed = made = alerts = 0
    for file in sorted((directory / "rules").glob("*.yml")):
        rules, changes = twins(file.read_text())
        tests = expectations((directory / "tests" / f"{file.stem}.test.yml").read_text(), changes)
        with tempfile.TemporaryDirectory() as place:
            for part, text in ("rules", rules), ("tests", tests):
                pathlib.Path(place, part).mkdir()
                name = file.name if part == "rules" else f"{file.stem}.test.yml"
                pathlib.Path(place, part, name).write_text(text)
            test = ["promtool", "test", "rules", f"tests/{file.stem}.test.yml"]
            said = subprocess.run(test, cwd=place, capture_output=True, text=True)
        failed = set(TESTED.findall(said.stdout + said.stderr))
        if not failed <= {twin for twin, _, _ in changes}:
            sys.exit(f"{file.name}: more than the twins has failed\n{said.stdout}{said.stderr}")
        missed = [(alert, change) for twin, alert, change in changes if twin not in failed]
        for alert, change in missed:
            print(f"{file.name}: nobody notices {change} in {alert}")
        unnoticed += len(missed)
        made += len(changes)
        alerts += len({alert for _, alert, _ in changes})
    print(f"{made} thresholds and durations of {alerts} alerts were changed, {unnoticed} changes were not noticed")
    return made == 0 or unnoticed > 0


sys.exit(main(pathlib.Path(sys.argv[1])))
