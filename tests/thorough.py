"""What CI waits for, and who types `make test` does not: siblings of tests that always run.

Each is one more language, one more way to hang, or one more subject, or has to fetch and build a
library for a minute where that was never done. They run where CI is set, and where they are named
on the command line.
"""

import os
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import pytest

WHOLE_SUITE: Final = 5_000
"""So many tests are never collected unless all are."""
LIBRARIES: Final = ("dragonboat", "hashicorp-raft", "microraft", "openraft", "ra", "raft-rs")
"""What takes a minute or two to be fetched and built where it never was."""
BUILDS: Final = (
    *(f"tests/oracle/bridges/test_{name.replace('-', '_')}.py" for name in LIBRARIES),
    "tests/oracle/bridges/test_hashicorp_raft_driven.py",
    "tests/oracle/bridges/test_hashicorp_raft_published.py",
    "tests/oracle/unmodified/test_determinism.py::test_a_library_answers_the_same",
    *(
        f"tests/findings/test_findings.py::test_schedule_breaks_the_property_that_its_page_names[{name}-"
        for name in LIBRARIES
    ),
    *(
        f"tests/oracle/bridges/test_every_bridge.py::test_{claim}[{name}]"
        for claim in ("the_bridge_does_what_it_says", "settings_that_do_not_fit_are_refused")
        for name in LIBRARIES
    ),
    *(
        f"tests/oracle/commands/test_init.py::test_{claim}[rust]"
        for claim in (
            *("a_wrong_rule_in_a_scaffold_is_named", "every_scaffold_is_the_same_toy"),
            *("rules_judge_a_scaffold_as_it_is", "scaffold_keeps_to_the_protocol"),
            "schedule_of_a_scaffold_replays_elsewhere",
        )
    ),
    *(
        f"tests/oracle/bridges/test_etcd_raft.py::test_mutants_are_caught[{name}]"
        for name in (
            *("compares-last-terms-only", "counts-older-vote", "half-quorum"),
            *("idle-cluster-sends-no-more", "read-confirmed-by-one-less"),
            *("joint-commits-on-one-side", "match-index-falls", "minority-commits"),
            *("older-leader-gets-no-word", "previous-term-unchecked", "read-never-answered"),
            *("second-change-while-pending", "term-forgotten", "truncates-without-conflict"),
        )
    ),
    *(
        f"tests/oracle/subjects/test_pysyncobj.py::test_versions_since_the_first_transport_work[{each}]"
        for each in (
            *("0.3.5", "0.3.6", "0.3.7", "0.3.8", "0.3.9", "0.3.10", "0.3.12", "0.3.13", "0.3.14"),
            "0.3.15",
        )
    ),
)
"""What is fetched or built first, which takes a new machine as long as all other tests do."""
THOROUGH: Final = (
    *BUILDS,
    "tests/oracle/adapter/test_faulty_child.py::test_hunt_of_an_adapter_that_does_not_greet_is_wrong"
    "_usage[silent",
    "tests/oracle/adapter/test_faulty_child.py::test_failure_of_an_adapter_is_found_shrunk_and"
    "_replayed[silent",
    *(
        f"tests/model/drivers/test_rule_machine.py::test_reference_survives_the_rule_machine[{each}"
        for each in ("3-b", "3-c", "3-d", "5-b", "5-c", "5-d")
    ),
    *(
        f"tests/model/drivers/test_rule_machine.py::test_rule_machine_alone_catches_mutant[{name}]"
        for name in (
            *(
                "completion-of-overwritten-entry",
                "discarded-prev-is-conflict",
                "failed-write-ignored",
            ),
            *("idle-cluster-sends-nothing", "index-zero-after-compaction", "joint-counts-old-only"),
            *("joint-elects-by-union", "learner-stands", "lease-from-acknowledgement"),
            *("lease-kept-on-transfer", "lease-renewed-after-transfer"),
            *("lease-without-drift", "restarted-voter-breaks-lease"),
            *("older-request-granted", "up-to-date-wants-both", "votes-before-written"),
        )
    ),
    *(
        f"tests/model/mutants/test_mutants.py::test_walker_catches_mutant[{name}"
        for name in (
            *("any-chunk-follows", "change-before-own-commit", "completion-of-overwritten-entry"),
            *("copy-answered-with-latest", "joint-counts-old-only"),
            *("joint-elects-by-union", "lease-from-acknowledgement", "older-timeout-now-obeyed"),
            *("rewrites-suffix", "vote-replies-counted"),
        )
    ),
    "tests/oracle/bridging/test_build.py::test_a_library_with_threads_is_built",
    "tests/oracle/commands/test_explore.py::test_features_are_explored",
    "tests/oracle/hunting/test_swarm.py::test_finding_keeps_only_what_it_needs",
    "tests/oracle/unmodified/test_ablation.py::test_a_patch_is_missed",
    "tests/oracle/traces/test_mutations.py",
    "tests/properties/test_linearizability.py::test_published_verdicts_are_confirmed[c50-bad",
    *(
        f"tests/oracle/commands/test_hunt_versions.py::test_{name}"
        for name in (
            *("a_bug_of_pysyncobj_is_followed_to", "a_published_bug_of_pysyncobj_is_followed_to"),
            "an_interrupted_search_keeps_what",
            "the_release_that_mended_it_is_named",
        )
    ),
    *(
        f"tests/oracle/commands/test_init.py::test_{claim}[{language}]"
        for claim in (
            *("a_wrong_rule_in_a_scaffold_is_named", "rules_judge_a_scaffold_as_it_is"),
            "scaffold_keeps_to_the_protocol",
        )
        for language in ("c", "java")
    ),
    "tests/oracle/commands/test_init_async.py::test_scaffold_holds_and_shows_its_mistake",
    "tests/oracle/commands/test_init_async.py::test_time_and_chance_are_the_runs_own",
    "tests/oracle/commands/test_init_threads.py::test_a_mistake_in_the_toy_is_found",
    "tests/oracle/commands/test_init_threads.py::test_nothing_is_found_in_the_toy",
    "tests/oracle/commands/test_init_threads.py::test_an_editor_finds_every_declaration",
    "tests/oracle/commands/test_known.py::test_a_clone_elsewhere_knows_what_was_found",
    "tests/oracle/commands/test_known.py::test_what_is_known_is_of_one_subject_and_of_one_shape",
    "tests/oracle/commands/test_lab.py::test_same_seed_and_steps_give_the_same_report",
    "tests/oracle/commands/test_replay.py::test_a_commit_is_named_that_broke_a_library",
    *(
        "tests/oracle/formats/adapter_tests/test_languages.py::test_finding_fails_with_its_bug_and"
        f"_passes_once_it_is_mended[{language}]"
        for language in ("go", "java", "rust")
    ),
    *(
        "tests/oracle/hunting/test_broken_subjects.py::test_failure_of_a_subject_is_found_shrunk_and"
        f"_replayed[{how}"
        for how in (
            *("crashes-restart", "exhausts-receive", "exits-with-0-view", "none-receive"),
            *("not-a-packet-receive", "os-exit-close", "os-exit-crash", "packet-to-int-receive"),
            *("raises-close", "raises-crash", "raises-reset", "raises-restart"),
            *("sleeps-receive", "sleeps-reset", "spins-in-c-receive", "spins-receive"),
            *("sys-exit-receive", "view-of-text-view"),
        )
    ),
    "tests/oracle/hunting/test_findings.py::test_finding_with_features_can_be_stored_and_shown_again",
    *(
        f"tests/oracle/hunting/test_findings.py::test_same_seed_gives_the_same_bytes[{name}]"
        for name in ("adapter", "features", "hypothesis", "pysyncobj")
    ),
    "tests/oracle/hunting/test_hunt_on.py::test_all_findings_are_told_once_whatever_the_number_of",
    "tests/oracle/museum/test_site.py::test_pages_are_read_from_disk_at_every_width",
    "tests/oracle/pictures/test_forms.py::test_mermaid_draws_its_diagram",
    *(
        f"tests/oracle/pictures/test_report_page.py::test_page_{claim}"
        for claim in (
            *(
                "asks_for_nothing_and_fits_its_window[dark-1600",
                "of_two_thousand_steps_can_be_used",
            ),
            *(
                f"asks_for_nothing_and_fits_its_window[{window}"
                for window in ("dark-800", "light-360", "light-800")
            ),
        )
    ),
    "tests/oracle/unmodified/test_determinism.py::test_workers_find_the_same_in_labs",
    "tests/oracle/unmodified/test_examples.py::test_labs_pass_their_own_tests",
    "tests/oracle/unmodified/test_examples.py::test_mistakes_are_found",
    *(
        f"tests/oracle/unmodified/test_failures.py::test_failures_have_one_outcome[{name}]"
        for name in (
            *("kills_its_group", "leaks_by_the_first_answer", "loops_for_ever"),
            *(
                "loops_from_the_start",
                "panics_in_so_many_words",
                "panics_on_an_index",
                "prints_a_gigabyte",
            ),
            *("prints_much_to_standard_error", "spins_on_the_clock"),
            *("multiplies_goroutines", "reads_standard_input", "recurses_for_ever", "removes_all"),
        )
    ),
    *(
        f"tests/oracle/unmodified/test_hostile.py::test_a_directory_may_be_called_as_it_likes[{name}"
        for name in ("a very long", "an option", "right to left", "spaces and quotes")
    ),
    "tests/oracle/unmodified/test_hostile.py::test_two_hunts_begin_with_a_cold_cache",
    *(
        f"tests/oracle/unmodified/test_idioms.py::test_right_labs_are_clean[{name}"
        for name in (
            "atomics_2023",
            "locked_calls_2021",
            "module_2021",
            "progress_2022",
            "relative",
        )
    ),
    "tests/oracle/unmodified/test_idioms.py::test_right_variations_are_clean",
    "tests/oracle/unmodified/test_mistakes.py::test_mistakes_are_found[elections_2023",
    "tests/oracle/unmodified/test_mistakes.py::test_mistakes_are_found[tester_2025",
    "tests/oracle/unmodified/test_mistakes.py::test_mistakes_compile",
    "tests/oracle/unmodified/test_other_systems.py::test_a_program_is_built_for_a_system_and_not_run",
)
"""How the names of those tests begin."""


def begins_a_name(text: str, names: Sequence[str]) -> bool:
    """Whether any of these names, which are in order, begins with a text."""
    place = bisect_left(names, text)
    return place < len(names) and names[place].startswith(text)


def leave_out(items: Sequence[pytest.Item]) -> None:
    """Skip them, unless this is CI or somebody has asked for less than all tests."""
    if len(items) < WHOLE_SUITE:
        return
    names = sorted(each.nodeid for each in items)
    unknown = [each for each in THOROUGH if not begins_a_name(each, names)]
    if unknown:
        raise pytest.UsageError(f"tests/thorough.py: no test is called {unknown[0]}")
    if os.environ.get("CI"):
        return
    for item in items:
        if item.nodeid.startswith(THOROUGH):
            item.add_marker(pytest.mark.skip(reason="takes long: runs where CI is set"))
