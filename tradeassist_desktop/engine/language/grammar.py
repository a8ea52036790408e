"""The grammar of conditions, LALR(1). A text, not a file, so that no installer can forget it."""

from typing import Final

# Written without the usual ladder of one rule for each precedence: a value on its own would climb every
# rung, and reductions are what parsing costs.
GRAMMAR: Final = r"""
?condition: part
          | conjunction
          | (part | conjunction) (OR (part | conjunction))+ -> some
conjunction: part (AND part)+ -> all
?part: NOT part -> opposite
     | "(" condition ")"
     | "(" condition (THEN condition)+ ")" WITHIN DURATION -> sequence
     | value COMPARE value -> comparison
     | value CROSSES [ABOVE | BELOW] value -> crossing
     | value (IN | OUTSIDE | ENTERS | EXITS) value _RANGE value -> range
     | value TOUCHES value -> touch

?value: factor
      | product
      | sum
sum: (factor | product | sum) (PLUS | MINUS) (factor | product) -> arithmetic
product: (factor | product) (TIMES | OVER) factor -> arithmetic
?factor: MINUS factor -> negative
       | "(" value ")"
       | NUMBER -> number
       | NUMBER PERCENT -> percent
       | operand

operand: [SYMBOL [SYMBOL]] NAME [arguments] [timeframe] [ago]
arguments: "(" [argument ("," argument)*] ")"
?argument: NUMBER -> number_argument
         | MINUS NUMBER -> negative_argument
         | DURATION -> duration_argument
         | NAME -> name_argument
timeframe: "[" DURATION "]"
ago: NUMBER AGO

%declare AND OR NOT CROSSES ABOVE BELOW IN OUTSIDE ENTERS EXITS TOUCHES AGO THEN WITHIN
%declare COMPARE PLUS MINUS TIMES OVER PERCENT DURATION NUMBER SYMBOL NAME _RANGE
"""

TERMINALS: Final = {
    "NOT": "not",
    "AND": "and",
    "OR": "or",
    "THEN": "then",
    "WITHIN": "within",
    "COMPARE": "a comparison such as >",
    "CROSSES": "crosses",
    "ABOVE": "above",
    "BELOW": "below",
    "IN": "in",
    "OUTSIDE": "outside",
    "ENTERS": "enters",
    "EXITS": "exits",
    "TOUCHES": "touches",
    "AGO": "ago",
    "PLUS": "+",
    "MINUS": "-",
    "TIMES": "*",
    "OVER": "/",
    "PERCENT": "%",
    "DURATION": "a duration such as 5m",
    "NUMBER": "a number",
    "NAME": "a field or an indicator",
    "SYMBOL": "SYMBOL.",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": ",",
    "_RANGE": "..",
    "$END": "the end",
}
"""What a user reads for each terminal in "expected …"."""

KEYWORDS: Final = frozenset(
    (
        "and",
        "or",
        "not",
        "crosses",
        "above",
        "below",
        "in",
        "outside",
        "enters",
        "exits",
        "touches",
        "ago",
        "then",
        "within",
    )
)
"""Words of the grammar itself."""
