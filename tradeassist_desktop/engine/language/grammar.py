"""The grammar of conditions, LALR(1). A text, not a file, so that no installer can forget it."""

from typing import Final

GRAMMAR: Final = r"""
?start: some
?some: all (OR all)*
?all: opposite (AND opposite)*
?opposite: NOT opposite -> opposite
         | test
?test: "(" some ")"
     | "(" some (THEN some)+ ")" WITHIN DURATION -> sequence
     | sum COMPARE sum -> comparison
     | sum CROSSES [ABOVE | BELOW] sum -> crossing
     | sum (IN | OUTSIDE | ENTERS | EXITS) sum ".." sum -> range
     | sum TOUCHES sum -> touch

?sum: product
    | sum PLUS product -> arithmetic
    | sum MINUS product -> arithmetic
?product: factor
        | product TIMES factor -> arithmetic
        | product OVER factor -> arithmetic
?factor: MINUS factor -> negative
       | "(" sum ")"
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

AND: "and"i
OR: "or"i
NOT: "not"i
CROSSES: "crosses"i
ABOVE: "above"i
BELOW: "below"i
IN: "in"i
OUTSIDE: "outside"i
ENTERS: "enters"i
EXITS: "exits"i
TOUCHES: "touches"i
AGO: "ago"i
THEN: "then"i
WITHIN: "within"i
COMPARE: ">=" | "<=" | "==" | "!=" | ">" | "<"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
PERCENT: "%"
DURATION.2: /[0-9]+(?:ms|s|m|h|d)(?![a-z0-9_])/i
NUMBER: /[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?/i
SYMBOL.3: /(?:"[^"\s][^"]*"|[\/$][a-z0-9]+|[a-z][a-z0-9_]*)\.(?!\.)/i
NAME: /[a-z_][a-z0-9_]*/i

%ignore /[ \t\r\n]+/
"""

TERMINALS: Final = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "CROSSES": "crosses",
    "ABOVE": "above",
    "BELOW": "below",
    "IN": "in",
    "OUTSIDE": "outside",
    "ENTERS": "enters",
    "EXITS": "exits",
    "TOUCHES": "touches",
    "AGO": "ago",
    "THEN": "then",
    "WITHIN": "within",
    "COMPARE": "a comparison such as >",
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
    "__ANON_0": "..",
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
