"""A formula as SQL for the warehouse (DuckDB): the same rules as the other readers, unknown = NULL."""

from __future__ import annotations

from collections.abc import Callable

from .tree import Call, Compare, Negative, Number, Ref, Tree


def quoted(ref: Ref) -> str:
    """Column of a leaf: its name as a quoted identifier."""
    return '"' + ref.name.replace('"', '""') + '"'


def sql(tree: Tree, column: Callable[[Ref], str] = quoted) -> str:
    """SQL expression of type DOUBLE.

    Parameters
    ----------
    column : how a leaf stands in the statement; its values must be finite numbers or NULL.

    Examples
    --------
    >>> from hatangso.catalogue.formula import parse
    >>> sql(parse("100 * a / b"))
    '((100e0 * "a") / nullif("b", 0))'
    """
    if isinstance(tree, Number):
        return f"{tree.value:.17g}e0" if "e" not in f"{tree.value:.17g}" else f"{tree.value:.17g}"
    if isinstance(tree, Ref):
        return column(tree)
    if isinstance(tree, Negative):
        return f"(- {sql(tree.operand, column)})"
    if isinstance(tree, Call):
        found = [sql(a, column) for a in tree.arguments]
        if tree.function == "if":
            # CASE takes NULL for false: an unknown condition must make the whole unknown.
            return f"(CASE {found[0]} WHEN TRUE THEN {found[1]} WHEN FALSE THEN {found[2]} END)"
        if tree.function == "coalesce":
            return f"coalesce({', '.join(found)})"
        # least and greatest pass over NULL, which would make an unknown count as nothing
        known = " AND ".join(f"{f} IS NOT NULL" for f in found)
        name = "least" if tree.function == "min" else "greatest"
        return f"(CASE WHEN {known} THEN {name}({', '.join(found)}) END)"
    left, right = sql(tree.left, column), sql(tree.right, column)
    if isinstance(tree, Compare):
        return f"({left} {'<>' if tree.operation == '!=' else tree.operation} {right})"
    if tree.operation == "/":
        return f"({left} / nullif({right}, 0))"
    return f"({left} {tree.operation} {right})"
