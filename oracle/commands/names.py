"""What a shell offers for a name that the user has begun to type.

What has to be imported or asked for that is imported only when a shell asks.
"""

from collections.abc import Callable, Iterable

from click import Context, Parameter
from click.shell_completion import CompletionItem

from oracle.terminal.usage import UsageError

Complete = Callable[[Context, Parameter, str], list["CompletionItem[str]"]]
Names = Callable[[Context], Iterable[str]]


def completed(names: Names, or_a_file: bool = False) -> Complete:
    """Offers the names that begin as typed, and files where none does."""

    def complete(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem[str]]:
        try:
            found = [each for each in names(context) if each.startswith(begun)]
        except UsageError:  # of what was typed before, which the command itself will tell
            found = []
        items = [CompletionItem(each) for each in found]
        return items or ([CompletionItem(begun, type="file")] if or_a_file else [])

    return complete


def subject_names(context: Context) -> Iterable[str]:
    """The subjects that have a name."""
    from oracle.bridging.description import bridges
    from oracle.subjects.registry import IN_PROCESS_FACTORIES

    return (*IN_PROCESS_FACTORIES, *bridges())


def subject_of(context: Context) -> str:
    """The subject that was typed before, which click leaves unread where an option has no value."""
    from model.target import Reference

    typed = (*context.args, context.params.get("subject") or context.params.get("name"))
    return typed[0] or Reference.text


def mutant_names(context: Context) -> Iterable[str]:
    """The mutants of the subject that was typed before, or of the reference."""
    from model.mutants import MUTANT_BY_NAME
    from oracle.bridging.description import bridges

    bridge = bridges().get(subject_of(context))
    return MUTANT_BY_NAME if bridge is None else [each.name for each in bridge.mutants]


def model_names(context: Context) -> Iterable[str]:
    """The models to explore that have a name."""
    from oracle.commands.explore_model import NAMES

    return NAMES


def property_names(context: Context) -> Iterable[str]:
    """Every property and rule that can be checked."""
    from oracle.subjects.registry import BROKEN_NAMES

    return BROKEN_NAMES


def rule_names(context: Context) -> Iterable[str]:
    """Every rule that judges a trace."""
    from oracle.traces.verdict import rules_by_name

    return [rule.name for rule in rules_by_name()]


def setting_names(context: Context) -> Iterable[str]:
    """The settings of the subject that was typed before, if it has a name, each with its `=`.

    Of a bridge, those that are known without building it.
    """
    from oracle.bridging.description import bridges
    from oracle.bridging.own_source import named_settings
    from oracle.subjects.registry import IN_PROCESS_FACTORIES

    subject = subject_of(context)
    if (bridge := bridges().get(subject)) is not None:
        return [f"{name}=" for name in (*named_settings(bridge), *bridge.draws)]
    factory = IN_PROCESS_FACTORIES.get(subject)
    return () if factory is None else [f"{setting.name}=" for setting in factory.settings]


def bridge_names(context: Context) -> Iterable[str]:
    """Every bridge."""
    from oracle.bridging.description import bridges

    return bridges()


def traced_names(context: Context) -> Iterable[str]:
    """Every bridge whose cluster runs by itself."""
    from oracle.bridging.description import bridges

    return [name for name, bridge in bridges().items() if bridge.is_traced]


def scenario_names(context: Context) -> Iterable[str]:
    """Every scenario."""
    from oracle.subjects.scenarios import scenarios

    return scenarios()
