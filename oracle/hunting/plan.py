"""A hunt's plan: a small value that travels by pickle, and from which every process can work.

A user's adapter is never loaded by the process that the user talks to: what has to be known of
it before is asked in another one, so that an adapter that hangs or dies is one line.
"""

from collections.abc import Mapping

from attrs import field, frozen

from model.setup import Setup
from model.subject import NetworkKind, SubjectError, SubjectFactory, observes_with
from oracle.adapter.subject import ChildFactory
from oracle.bridging.build import adapter_command
from oracle.processes.process_pool import Crew, Died, OverdueError
from oracle.processes.signals import interruptible
from oracle.subjects.guarded import told
from oracle.subjects.naming import absolute, is_bridge, is_child, is_foreign
from oracle.subjects.registry import make_setup
from oracle.terminal.usage import UsageError, patience
from properties.checker import Checker, checker_ignoring

LOADING_SECONDS = 5.0
"""How long a process may take to start, before the patience with the subject begins."""


@frozen(kw_only=True)
class Plan:
    """What to hunt, and how; from it every process makes the same cluster."""

    subject: str
    version: str
    servers: int
    network: NetworkKind
    made_for: NetworkKind
    """The network for which the subject is made."""
    observes: frozenset[str]
    settings: Mapping[str, str] = field(factory=dict)
    ignore: frozenset[str] = frozenset()
    mutant: str | None = None
    seed: int = 0
    driver: str = "walker"
    shape: str = "mixed"
    """`turns`: the walker makes runs of turns only."""

    def setup(self) -> Setup:
        """The setup that the plan names; it loads the subject."""
        return make_setup(
            self.subject,
            self.servers,
            self.network,
            dict(self.settings),
            self.ignore,
            self.mutant,
        )

    def world(self) -> str:
        """What runs, and in which world, in one line."""
        mutant = f", mutant {self.mutant}" if self.mutant else ""
        settings = "".join(f", {name}={value}" for name, value in sorted(self.settings.items()))
        return (
            f"{self.subject} {self.version}{mutant}, {self.servers} servers, "
            f"{self.network} network{settings}"
        )

    def caveat(self) -> str:
        """What to think of a violation outside the world for which the subject is made."""
        if self.network == self.made_for or self.made_for == "any":
            return ""
        return (
            f"{self.subject} is made for a {self.made_for} network: "
            "what breaks only on this one is not a bug of its own.\n"
        )

    def checker(self) -> Checker:
        """The properties that are checked; the subject need not be loaded for that."""
        return checker_ignoring(self.ignore, self.servers, self.observes)


@frozen(kw_only=True)
class Wish:
    """What the user typed about the subject; None is the subject's own choice."""

    subject: str
    servers: int | None = None
    network: NetworkKind | None = None
    settings: Mapping[str, str] = field(factory=dict)
    ignore: frozenset[str] = frozenset()
    mutant: str | None = None


def make_plan(wish: Wish, seed: int = 0, driver: str = "walker", shape: str = "mixed") -> Plan:
    """A plan from what the user typed; UsageError where it does not fit, or nothing can start."""
    check_text(wish)
    if is_bridge(wish.subject):
        adapter_command(wish.subject, wish.mutant)  # which may take minutes, the rest may not
    if not is_foreign(wish.subject):
        return planned(wish, seed, driver, shape)
    with interruptible() as interruption, Crew(1) as crew:
        seconds = LOADING_SECONDS + patience()
        if is_child(wish.subject):
            seconds *= 3  # its own calls are given up before, in better words
        try:
            plan = crew.run(interruption, planned, wish, seed, driver, shape, seconds=seconds)
        except OverdueError:
            raise UsageError(
                f"subject {wish.subject}: loading it, version(), create() or close() "
                f"took longer than {seconds:g} s"
            ) from None
    if isinstance(plan, Died):
        raise UsageError(
            f"subject {wish.subject}: loading it, version(), create() or close() ended its process "
            f"(exit code {plan.exit_code})"
        )
    checked: Plan = plan
    return checked


def planned(wish: Wish, seed: int, driver: str, shape: str) -> Plan:
    """A plan, for which the subject is loaded, made once and closed."""
    setup = make_setup(
        wish.subject,
        wish.servers,
        wish.network,
        dict(wish.settings),
        wish.ignore,
        wish.mutant,
    )
    version = tried(setup, is_foreign(wish.subject))
    return Plan(
        subject=absolute(wish.subject),
        version=version,
        servers=setup.servers,
        network=setup.network,
        made_for=setup.factory.network,
        observes=observes_with(setup.factory, setup.settings),
        settings=setup.settings,
        ignore=setup.ignore,
        mutant=wish.mutant,
        seed=seed,
        driver=driver,
        shape=shape,
    )


def tried(setup: Setup, users: bool) -> str:
    """The subject's version, having made a cluster of it and closed it."""
    factory: SubjectFactory = setup.factory
    try:
        version = factory.version(setup.settings)
        subject = factory.create(setup.servers, setup.settings)
        if isinstance(factory, ChildFactory):
            subject.reset()  # only that tells whether the settings fit
        subject.close()
    except (ValueError, LookupError) as error:  # the port: a setting that does not fit
        raise UsageError(told(error) if users else str(error)) from error
    except (OSError, ImportError, SubjectError) as error:
        raise UsageError(f"subject {factory.name}: cannot start: {error}") from error
    except Exception as error:
        if not users:
            raise
        raise UsageError(f"subject {factory.name}: cannot start: {told(error)}") from error
    except SystemExit as error:
        raise UsageError(f"subject {factory.name}: cannot start: {told(error)}") from error
    return version


def check_text(wish: Wish) -> None:
    """All of it can be written to a file."""
    for text in (wish.subject, wish.mutant or "", *wish.settings, *wish.settings.values()):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError(f"found {text!r}, expected text in UTF-8") from None
