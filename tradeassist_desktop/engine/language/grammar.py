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
    "RPAR": "a closing )",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": "a comma",
    "_RANGE": "..",
    "$END": "the end",
}
"""What a user reads for each terminal in "expected …"."""

KEYWORD_DOCS: Final = {
    "and": ("both sides must be true", "last > 100 and bid > 99"),
    "or": ("one side must be true", "last > 100 or last < 90"),
    "not": ("the opposite", "not last > 100"),
    "crosses": ("passes a value, either way", "last crosses 100"),
    "above": ("upwards", "last crosses above 100"),
    "below": ("downwards", "last crosses below 100"),
    "in": ("inside a range, bounds included", "last in 5520..5530"),
    "outside": ("outside a range", "last outside 5520..5530"),
    "enters": ("comes into a range", "last enters 5520..5530"),
    "exits": ("leaves a range", "last exits 5520..5530"),
    "touches": ("reaches a value, from either side", "last touches 5530"),
    "ago": ("that many bars earlier", "close[5m] > close[5m] 3 ago"),
    "then": ("the next step of a sequence", "(bid > 99 then last > 100) within 5m"),
    "within": ("the longest a sequence may take", "(bid > 99 then last > 100) within 5m"),
}
"""Words of the grammar itself: what each means, and a condition with it."""

KEYWORDS: Final = frozenset(KEYWORD_DOCS)
