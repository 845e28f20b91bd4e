"""What each option of each command takes: nothing that is empty, out of range, or contradicts another is passed over."""

import argparse
import shlex

import pytest

from harness.cli import main, options
from harness.model.refusal import Refusal
from harness.model.values import Target

from ..stored import write

HERE = (Target("enginebus@3.13", "enginebus", "3.13"),)
PARSERS = {name: main._parser_of(name) for name in main.COMMANDS}
TAKING = [(command, action) for command, parser in PARSERS.items() for action in parser._actions
          if action.nargs != 0 and not isinstance(action, argparse._HelpAction)]


def spelled(action):
    return action.option_strings[0] if action.option_strings else action.dest


@pytest.mark.parametrize(("command", "action"), TAKING, ids=[f"{command} {spelled(action)}" for command, action in TAKING])
def test_no_option_takes_an_empty_value_or_a_number_out_of_its_range(command, action, capsys):
    """Those of the tables of all commands: a new one that takes whatever it is given is seen here."""
    bad = ["", " "]
    if action.type is not None and hasattr(action.type, "least"):
        bad += [str(action.type.least - 1), str(action.type.most + 1), "-99999999999999999999", "9" * 5000, "1.5", "1e3", "1_0", "x"]
    before = ["subject"] if command == "new" and action.dest == "name" else []
    for value in bad:
        words = [*before, f"{action.option_strings[-1]}={value}" if action.option_strings[-1:][:1] and
                 action.option_strings[-1].startswith("--") else value]
        if action.option_strings and not action.option_strings[-1].startswith("--"):
            words = [*before, action.option_strings[-1], value]
        assert main.main([command, *words]) == 2, value[:20]
        said = capsys.readouterr().err
        assert said.startswith(f"server-matrix: {command}: "), said
        assert said.count("\n") == 1, said
        assert len(said) < 300
        assert "Traceback" not in said


@pytest.mark.parametrize(("line", "problem"), [
    ("matrix --maxfail -1", "--maxfail: -1 is too small; give at least 0"),
    ("matrix --durations -1", "--durations: -1 is too small"),
    ("matrix -n 0", "-n/--workers: 0 is too small; give at least 1"),
    ("matrix -n 100000", f"100000 is too many; give at most {options.MOST_WORKERS}"),
    ("matrix -k ''", "-k: '' is empty; give it a value or leave it out"),
    ("matrix -k a -k b", "-k: is given twice, and takes one value: join the two, as in -k 'port or stop'"),
    ("matrix --reports a --reports=a", "--reports: is given twice, and takes one value. See"),
    ("history prune --keep 1 --keep 2", "--keep: is given twice"),
    ("matrix --reports ''", "--reports: '' is empty"),
    ("matrix --shard ''", "--shard: '' is empty"),
    ("matrix --subject waitress --all-subjects", "--all-subjects already includes waitress"),
    ("matrix --all-subjects --subject wsgiref --subject waitress==1.4.4", "--all-subjects already includes wsgiref"),
    ("matrix -q -v", "not allowed with argument"),
    ("matrix -v -qq", "not allowed with argument"),
    ("matrix -x --maxfail 3", "not allowed with argument"),
    ("matrix --plan --lf -x --maxfail 0", "not allowed with argument"),
    ("ports 8080 --yes", "--yes answers the question of --free, which was not given"),
    ("ports --yes", "--yes answers the question of --free"),
    ("ports 8080 --all", "--all is for the list of all ports"),
    ("ports 8080 --free --all", "--all is for the list of all ports"),
    ("ports 8080 --fre", "there is no option '--fre'. Did you mean '--free'"),
    ("ports --free", "--free needs a port"),
    ("history --keep 3", "--keep is for history prune"),
    ("history list --keep 3", "--keep is for history prune"),
    ("history slim --keep 3", "--keep is for history prune"),
    ("history prune --keep 0", "--keep: 0 is too small"),
    ("history prun", "invalid choice: 'prun'"),
    ("reproduce --jobs 2", "--jobs needs --try"),
    ("reproduce --try --jobs 0", "--jobs: 0 is too small"),
    ("reproduce --try -o somewhere", "--try writes nothing"),
    ("merge", "the following arguments are required: shards"),
    ("merge a --expect 0", "--expect: 0 is too small; give at least 1"),
    ("merge a --expect -3", "--expect: -3 is too small"),
    ("bugs -n 0", "-n/--workers: 0 is too small"),
    ("bugs -k ''", "-k: '' is empty"),
    ("results --baselin x", "there is no option '--baselin'"),
    ("results --outcome red", "invalid choice: 'red'"),
    ("report --basel last", "there is no option '--basel'. Did you mean '--baseline'"),
    ("new subject ''", "name: '' is empty"),
    ("new subject x --package 'a\"b'", "is not the name of a package"),
    ("new subject x --package ''", "--package: '' is empty"),
    ("new", "the following arguments are required: what, name"),
    ("check ''", "file: '' is empty"),
])
def test_what_would_be_passed_over_in_silence_is_refused(line, problem, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main.main(shlex.split(line)) == 2
    said = capsys.readouterr()
    assert problem in said.err
    assert said.err.count("\n") == 1, said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("line", "dest", "value"), [
    ("matrix --maxfail 0", "maxfail", 0), ("matrix --durations 0", "durations", 0), ("matrix -n 1", "workers", 1),
    (f"matrix -n {options.MOST_WORKERS}", "workers", options.MOST_WORKERS), ("history prune --keep 1", "keep", 1),
    ("history prune", "keep", None), ("merge a --expect 3", "expect", 3), ("merge a", "expect", 0),
])
def test_what_is_in_the_range_is_taken(line, dest, value):
    command, *words = shlex.split(line)
    assert getattr(PARSERS[command].parse_args(words), dest) == value


@pytest.mark.parametrize(("words", "problem"), [
    (["--cell", "a.nosuch@s@1"], "--cell a.nosuch@s@1: no such cell in the newest run, 1."),
    (["--cell", "a.god@enginebus@3.13"], "Did you mean a.good@enginebus@3.13?"),
    (["-k", "and and"], "a word is needed instead of 'and'"),
    (["--shard", "4/3"], "must be K/N"), (["--subject", "nginx"], "unknown subject 'nginx'"), (["--python", "banana"], "no such"),
    (["--cell", "no id"], "no such cell"),
])
def test_last_failed_looks_at_the_other_options_where_nothing_was_red(words, problem, tmp_path, capsys):
    write(tmp_path, "1", {"a.good": ("pass",)}, targets=HERE, subjects=("enginebus",))
    assert main.main(["matrix", "--lf", "--reports", str(tmp_path), *words]) == 2
    assert problem in capsys.readouterr().err


def test_last_failed_and_a_cell_that_was_green_have_nothing_to_do(tmp_path, capsys):
    write(tmp_path, "1", {"a.good": ("pass",)}, targets=HERE, subjects=("enginebus",))
    assert main.main(["matrix", "--lf", "--reports", str(tmp_path), "--cell", "a.good@enginebus@3.13"]) == 0
    assert "nothing to run again" in capsys.readouterr().out


def test_a_parser_of_another_name_still_says_what_is_wrong():
    with pytest.raises(Refusal, match="needs -x"):
        options.Parser(prog="other").error("needs -x")


def test_an_option_of_one_value_can_be_given_again_on_the_next_command_line():
    parser = options.Parser(prog="x y")
    parser.add_argument("--a", default="none")
    parser.add_argument("--b", action="append")
    assert [parser.parse_args(words).a for words in (["--a", "1"], ["--a", "2"], [])] == ["1", "2", "none"]
    assert parser.parse_args(["--b", "1", "--b", "2"]).b == ["1", "2"]
    with pytest.raises(Refusal, match="y: --a: is given twice"):
        parser.parse_args(["--a", "1", "--a", "1"])
