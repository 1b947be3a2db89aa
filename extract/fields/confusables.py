"""Codes that look alike: the skeleton of a code, and whether it mixes scripts.

Source: Unicode Technical Standard 39 (Unicode Security Mechanisms), 4 (skeletons) and 5.2 (scripts). The table holds,
of its data file confusables.txt, the letters that are left in a code and look like a Latin capital or a digit.
"""

from functools import lru_cache
from unicodedata import name, normalize

_LIKE = """
2 1A7 3E8 14BF A644 A75A
3 1B7 21C 417 4E0 2CCC A76A A7AB 16F3B
4 13CE 118AF
5 1BC 118BB
6 13EE 2CD2
7 104D2
8 222 1031A
9 2CCA A76E 118AC
A 391 410 13AA 15C5 A4EE 102A0 16F40
B 392 412 13F4 15F7 A4D0 A7B4 10282 102A1 10301
C 421 13DF 2CA4 A4DA 102A2 10302 10415 1051C
D 13A0 15DE 15EA A4D3
E 395 415 13AC 2D39 A4F0 10286 118A6 118AE
F 3DC 15B4 A4DD A798 10287 102A5 10525 118A2
G 50C 13C0 13F3 A4D6
H 397 41D 13BB 157C 2C8E A4E7 102CF
J 37F 408 13AB 148D A4D9 A7B2
K 39A 41A 13E6 16D5 2C94 A4D7 10518
L 13DE 14AA 2CD0 A4E1 1041B 10526 118A3 118B2 16F16
M 39C 3FA 41C 13B7 15F0 16D6 2C98 A4DF 102B0 10311
N 39D 2C9A A4E0 10513
O 39F 41E 555 B20 12D0 2C9E 2D54 A4F3 10292 102AB 10404 104C2 10516 118B5
P 3A1 420 13E2 146D 2CA2 A4D1 10295
Q 2D55
R 1A6 13A1 13D2 1587 A4E3 104B4 16F35
S 405 54F 13D5 13DA A4E2 10296 10420 16F3A
T 3A4 422 13A2 2CA6 A4D4 10297 102B1 10315 118BC 16F0A
U 54D 1200 144C A4F4 104CE 118B8 16F42
V 474 13D9 142F 2D38 A4E6 A6DF 1051D 118A0 16F08
W 51C 13B3 13D4 A4EA
X 3A7 425 16B7 2CAC 2D5D A4EB A7B3 10290 102B4 10317 10527
Y 3A5 423 4AE 13A9 13BD 2CA8 A4EC 102B2 118A4 16F43
Z 396 13C3 A4DC 118A9
l 196 1C0 399 406 4C0 16C1 2C92 2D4F A4F2 1028A 10309 16F28
"""
"""A capital or a digit, and the letters that look like it, as hexadecimal code points; l is the capital I and 1."""

_PROTOTYPES = {ord("0"): "O", ord("1"): "l", ord("I"): "l"}
for _letter, *_points in map(str.split, _LIKE.strip().splitlines()):
    _PROTOTYPES |= {int(point, 16): _letter for point in _points}

_TOGETHER = frozenset(("LATIN", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL"))
"""Scripts that stand beside each other in honest names (UTS 39, 5.2: highly restrictive)."""


def skeleton(code: str) -> str:
    """What codes that look alike have in common; for comparing alone."""
    return normalize("NFD", code).translate(_PROTOTYPES)


def mixes_scripts(code: str) -> bool:
    """Whether the letters of a code are of scripts that no name mixes, such as Latin and Cyrillic."""
    scripts = {_script(letter) for letter in code if not letter.isascii() or letter.isalpha()}
    return len(scripts) > 1 and not scripts <= _TOGETHER


def told_letters(code: str) -> str:
    """The letters of a code that are not ASCII, by their names; "" where there are none."""
    odd = dict.fromkeys(letter for letter in code if not letter.isascii())
    return ", ".join(f"U+{ord(letter):04X} {name(letter, 'unnamed')}" for letter in odd)


@lru_cache(maxsize=1024)
def _script(letter: str) -> str:
    return name(letter, "UNNAMED").split()[0].partition("-")[0]
