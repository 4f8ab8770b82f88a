"""A hunt's plan: a small value that travels by pickle, and from which every process can work.

A user's adapter is never loaded by the process that the user talks to: what has to be known of
it before is asked in another one, so that an adapter that hangs or dies is one line.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from model.reference.cluster import ReferenceFactory
from model.reference.variant import not_in_use
from model.setup import Setup
from model.subject import NetworkKind, SubjectError, SubjectFactory, observes_with
from model.target import (
    Bridge,
    Directory,
    NamedSubject,
    Reference,
    Target,
    TargetRequest,
)
from model.world.macro_actions import Cluster
from oracle.bridging.build import adapter_command
from oracle.bridging.description import find_bridge
from oracle.hunting.shrink_effort import OF_FUNCTIONS, OF_THREADS, Effort
from oracle.hunting.swarm import Swarm
from oracle.processes.last_words import ENDLESS
from oracle.processes.process_pool import Died, OverdueError, ProcessPool
from oracle.processes.signals import interruptible
from oracle.subjects.guarded import GuardedFactory, exception_in_one_line
from oracle.subjects.naming import absolute
from oracle.subjects.own_property import own_properties
from oracle.subjects.registry import BROKEN_NAMES, REFERENCE_FACTORY, make_setup
from oracle.terminal.usage import LOADING_SECONDS, UsageError, patience
from oracle.terminal.wording import one_line
from oracle.unmodified.build import Program, built_directory
from properties.checker import Checker, checker_ignoring
from properties.property import Property

Driver: TypeAlias = Literal["walker", "hypothesis", "explorer"]
Runs: TypeAlias = Literal["mixed", "rival-leaders"]
"""Which runs the walker makes: of every kind, or only those in which rivals lead in turn."""


@frozen(kw_only=True)
class HuntPlan:
    """What to hunt, and how; from it every process makes the same cluster."""

    target: Target
    version: str
    made_for: NetworkKind
    """The network for which the subject is made."""
    observes: frozenset[str]
    program: Program | None = None
    """What was built of a directory when the plan was made, whatever its sources are by now."""
    defaults: Mapping[str, str] = field(factory=dict)
    """The settings that the subject lists, each with what it is unless it is set."""
    is_variation: bool = False
    """Whether it is the reference, with what the user's file has put in the place of functions."""
    not_in_use: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """What that file replaces in features that are off, each with the settings that turn one on."""
    remark: str = ""
    """What the program of a lab says before the hunt, if anything."""
    effort: Effort = OF_FUNCTIONS
    """What may be spent on shrinking the finding at which the hunt ends."""
    seed: int = 0
    driver: Driver = "walker"
    runs: Runs = "mixed"
    property_files: tuple[str, ...] = ()
    """Files with properties of the user's own, as FILE.py or FILE.py:NAME."""
    swarm: Swarm = field(factory=Swarm)
    """What is drawn anew for each block of runs."""
    plain: Target | None = None
    """The target before anything was drawn; None where nothing was."""

    def of_block(self, number: int) -> "HuntPlan":
        """The plan of one block of runs, for which everything is drawn."""
        target, has_rivals = self.swarm.draw(self.target, self.seed, number)
        runs: Runs = "rival-leaders" if has_rivals and self.driver == "walker" else self.runs
        return evolve(self.under(target), runs=runs)

    def under(self, target: Target) -> "HuntPlan":
        """The plan for the same subject under other conditions, and nothing more to draw."""
        observes = self.observes
        if isinstance(target.subject, Reference):
            observes = REFERENCE_FACTORY.observes_with(target.settings)
        plain = self.plain or self.target
        return evolve(self, target=target, observes=observes, swarm=Swarm(), plain=plain)

    def simpler(self) -> Iterator["HuntPlan"]:
        """The plans in which one condition is again as it was before it was drawn."""
        target, plain = self.target, self.plain or self.target
        for servers in range(plain.servers, target.servers):
            yield self.under(evolve(target, servers=servers))
        for name in target.settings:
            if name not in plain.settings:
                rest = {each: value for each, value in target.settings.items() if each != name}
                yield self.under(evolve(target, settings=rest))

    def setup(self) -> Setup:
        """The setup that the plan names; it loads the subject."""
        return evolve(make_setup(self.target, self.program), properties=self.own_properties())

    def own_properties(self) -> tuple[Property, ...]:
        """The user's own properties; it loads them."""
        return own_properties(self.property_files, BROKEN_NAMES)

    def cluster(self) -> Cluster:
        """A new cluster of the setup; what its views show was found out when the plan was made."""
        return self.setup().cluster(self.checker())

    def world(self) -> str:
        """What runs, and under which conditions, in one line."""
        return self.target.in_one_line(self.version)

    def caveat(self) -> str:
        """What to think of a violation on a network for which the subject is not made."""
        if self.target.network == self.made_for or self.made_for == "any":
            return ""
        return (
            f"{self.target.subject.text} is made for a {self.made_for} network: "
            "what breaks only on this one is not a bug of its own.\n"
        )

    def checker(self) -> Checker:
        """The properties that are checked; the subject need not be loaded for that."""
        target = self.target
        return checker_ignoring(target.ignore, target.servers, self.observes, self.own_properties())


def make_plan(
    wanted: Target | TargetRequest, seed: int = 0, driver: Driver = "walker", runs: Runs = "mixed"
) -> HuntPlan:
    """A plan for what is wanted; UsageError where it does not fit, or nothing can start."""
    check_text(wanted)
    program = build_subject(wanted)  # which may take minutes, the rest may not
    if program is not None:
        wanted = evolve(wanted, subject=Directory(str(program.folder)))
    subject = wanted.subject
    if subject.isolation == "none":
        return load_and_plan(wanted, program, seed, driver, runs)
    with interruptible() as interruption, ProcessPool(1) as pool:
        seconds = LOADING_SECONDS + patience()
        if subject.isolation == "process":
            seconds *= 3  # its own calls are given up before, in better words
        try:
            plan = pool.run(
                interruption, load_and_plan, wanted, program, seed, driver, runs, seconds=seconds
            )
        except OverdueError:
            raise UsageError(
                f"subject {subject.text}: loading it, version(), create() or close() "
                f"took longer than {seconds:g} s"
            ) from None
    if isinstance(plan, Died):
        raise UsageError(
            f"subject {subject.text}: loading it, version(), create() or close() ended its process "
            f"(exit code {plan.exit_code})"
        )
    checked: HuntPlan = plan
    return checked


def build_subject(wanted: Target | TargetRequest) -> Program | None:
    """Build what has to be built before it can be loaded; the program of a directory."""
    subject = wanted.subject
    if isinstance(subject, Bridge):
        adapter_command(subject.text, wanted.mutant, wanted.settings)
    return built_directory(subject.path) if isinstance(subject, Directory) else None


def load_and_plan(
    wanted: Target | TargetRequest,
    program: Program | None,
    seed: int,
    driver: Driver,
    runs: Runs,
) -> HuntPlan:
    """The plan, for which the subject is loaded, started once and closed."""
    setup = make_setup(wanted, program)
    version = version_once_started(setup, wanted.subject)
    target = Target(
        subject=wanted.subject,
        servers=setup.servers,
        network=setup.network,
        settings=setup.settings,
        ignore=setup.ignore,
        mutant=setup.mutant,
    )
    return HuntPlan(
        target=target,
        version=version,
        made_for=setup.factory.network,
        observes=observes_with(setup.factory, setup.settings),
        program=program,
        defaults={each.name: each.default for each in setup.factory.settings},
        is_variation=varies_reference(setup.factory),
        not_in_use=replaced_in_vain(setup),
        remark=one_line(setup.factory.summary) if program and program.is_lab else "",
        effort=OF_THREADS if owns_threads(wanted.subject) else OF_FUNCTIONS,
        seed=seed,
        driver=driver,
        runs=runs,
    )


def varies_reference(factory: SubjectFactory) -> bool:
    """Whether a user's factory makes clusters of the reference, with some functions replaced."""
    return variation_in(factory) is not None


def variation_in(factory: SubjectFactory) -> ReferenceFactory | None:
    """The variation of the reference that a user's factory makes clusters of; None if of others."""
    if isinstance(factory, GuardedFactory) and type(factory.factory) is ReferenceFactory:
        return factory.factory
    return None


def replaced_in_vain(setup: Setup) -> Mapping[str, tuple[str, ...]]:
    """What a variation of the reference replaces in features that are off."""
    variation = variation_in(setup.factory)
    return {} if variation is None else not_in_use(variation.protocol, setup.settings)


def owns_threads(subject: NamedSubject) -> bool:
    """Whether a subject is a Raft that keeps its threads, so that each run takes a new process."""
    if isinstance(subject, Bridge):
        return find_bridge(subject.text).threads
    return isinstance(subject, Directory)


def version_once_started(setup: Setup, named: NamedSubject) -> str:
    """The subject's version; UsageError where no cluster of it can be started and closed."""
    factory: SubjectFactory = setup.factory
    isolation = named.isolation
    try:
        version = factory.version(setup.settings)
        subject = factory.create(setup.servers, setup.settings)
        if isolation == "process":
            subject.reset()  # only that shows whether the settings fit
        subject.close()
    except (ValueError, LookupError) as error:  # the port: a setting that does not fit
        raise UsageError(
            str(error) if isolation == "none" else exception_in_one_line(error)
        ) from error
    except (OSError, ImportError, SubjectError) as error:
        if isinstance(named, Directory):
            raise UsageError(f"subject: {named.text}: cannot start: {own_words(error)}") from error
        raise UsageError(f"subject {factory.name}: cannot start: {error}") from error
    except Exception as error:
        if isolation == "none":
            raise
        raise UsageError(
            f"subject {factory.name}: cannot start: {exception_in_one_line(error)}"
        ) from error
    except SystemExit as error:
        raise UsageError(
            f"subject {factory.name}: cannot start: {exception_in_one_line(error)}"
        ) from error
    return version


def own_words(error: Exception) -> str:
    """Why the servers of a directory do not start, in words that are not those of our protocol."""
    told = error.told if isinstance(error, SubjectError) else ""
    cause = told or str(error)
    return f"{cause}; expected loops that sleep or wait" if ENDLESS in cause else cause


def check_text(wanted: Target | TargetRequest) -> None:
    """All of it can be written to a file."""
    settings = wanted.settings
    for text in (absolute(wanted.subject).text, wanted.mutant or "", *settings, *settings.values()):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError(f"found {text!r}, expected text in UTF-8") from None
