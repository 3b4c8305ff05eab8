"""Basic and advanced indexing: reading, writing, adding and failing.

indexing.txt, where x is arange over EXTENTS (int64):

    read EXTENTS EXPR OUT_EXTENTS VALUES       x[EXPR]
    write EXTENTS EXPR VALUES                  x after x[EXPR] = -1, -2, -3, … in the shape of x[EXPR]
    add EXTENTS EXPR VALUES                    x after numpy.add.at(x, EXPR, 1, 2, 3, … in that shape)
    fail EXTENTS EXPR MESSAGE                  the IndexError

EXPR is what stands between the brackets in Python, without spaces; VALUES are separated by commas, "-" if there are none.
"""

import itertools
import random

import numpy as np

SHAPES = [(), (1,), (5,), (0,), (3, 4), (1, 6), (2, 3, 4), (4, 0, 2)]
BOUNDS = ["", "0", "1", "2", "-1", "-2", "-3", "7", "-9"]
STEPS = ["", "1", "2", "-1", "-2", "5", "-7"]
FIXED = {
    (): ["()", "...", "None", "None,...", "...,None,None"],
    (5,): ["[0,2,4]", "[-1,-5,1,1]", "[[0,1],[4,-2]]", "None,[1,1]", "[2],None", "[True,False,True,False,True]", "[False,False,False,False,False]", "[True,True,True,True,True]"],
    (3, 4): ["[2,0]", "[[0,1],[2,2]]", "[-1]", "[0,1],[1,2]", "[[0],[2]],[1,3]", "1,[0,0]", "[0,2],1", ":,[3,3]", "[1],...",
             "[0,1],None,[1,2]", "[True,False,True],[1,2]", "[True,False,True],1:3", "[True,False,True]", "[False,False,True]",
             "[[True,False,True,False],[False,False,False,False],[False,True,False,True]]"],
    (2, 3, 4): ["[1,1,0]", "0,:,[1,2]", "[0,1],:,[1,2]", ":,[0,1],[1,2]", ":,[[0,1],[2,0]],::2", "[1],...,0", "0,[1],...",
                "[[True,False,False],[True,True,False]],[0,1,2]", ":,[[True,False,False,True],[False,False,False,False],[False,True,False,False]]",
                "...,[True,False,False,True]", "[False,True]", "[[True,False,False],[True,True,False]]"],
}
FAILING = {
    (): ["0", ":", "None,0", "..., 0"],
    (5,): ["5", "-6", "0,0", ":,:", "...,1,1", "...,...", "::0", "[5]", "[0,-6]", "[True,False]"],
    (3, 4): ["3", "0,4", "-4", "0,-5", "0,0,0", ":,4", "...,4", "[3]", ":,[0,-5]", "[0,1],[0,1,2]", "[0,1],[0],[0]",
             "[True,False,True,False]", ":,[True,False,True]", "1,[True,False,True]"],
    (2, 3, 4): ["2", "0,3,0", "0,0,0,0", "...,0,0,0,0", ":,:,:,:"],
    (4, 0, 2): ["0,0", ":,-1", "4"],
}


def text_of(numbers):
    return ",".join(map(str, numbers)) or "-"


def random_slice(generator):
    start, stop, step = generator.choice(BOUNDS), generator.choice(BOUNDS), generator.choice(STEPS)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def random_expression(generator, axes):
    items = []
    for axis in range(generator.randint(0, axes)):
        items.append(random_slice(generator) if generator.random() < 0.65 else str(generator.randint(-3, 2)))
    if generator.random() < 0.3:
        items.insert(generator.randint(0, len(items)), "...")
    while generator.random() < 0.25:
        items.insert(generator.randint(0, len(items)), "None")
    return ",".join(items) or "..."


def random_array(generator, extent, shape):
    """An index array of a shape that broadcasts to this one, as text."""
    own = [n if generator.random() < 0.7 else 1 for n in shape]
    own = own[generator.randint(0, len(own) - 1):] or [1]
    values = np.array([generator.randint(-extent, extent - 1) for _ in range(int(np.prod(own)))]).reshape(own)
    return str(values.tolist()).replace(" ", "")


def random_mask(generator, extents):
    return str((np.array([generator.random() < 0.5 for _ in range(int(np.prod(extents)))]).reshape(extents)).tolist()).replace(" ", "")


def random_advanced(generator, shape):
    items, axis, together = [], 0, generator.choice([(2,), (3,), (2, 3), (1,)])
    while axis < len(shape) and generator.random() < 0.9:
        kind = generator.random()
        if kind < 0.45:
            items.append(random_array(generator, shape[axis], together))
        elif kind < 0.55 and axis + 1 < len(shape) and generator.random() < 0.4:
            items.append(random_mask(generator, shape[axis:axis + 2]))
            axis += 1
        elif kind < 0.65:
            items.append(random_mask(generator, shape[axis:axis + 1]))
        elif kind < 0.75:
            items.append(str(generator.randint(-shape[axis], shape[axis] - 1)))
        else:
            items.append(random_slice(generator))
        axis += 1
    if generator.random() < 0.3:
        items.insert(generator.randint(0, len(items)), "...")
    if generator.random() < 0.25:
        items.insert(generator.randint(0, len(items)), "None")
    return ",".join(items) or "..."


def index_of(expression):
    """The Python object between the brackets."""
    class Brackets:
        def __getitem__(self, key):
            return key
    return eval(f"b[{expression}]", {"b": Brackets()})


def rows(out, shape, expression):
    x = np.arange(int(np.prod(shape))).reshape(shape)
    key = index_of(expression)
    extents = text_of(shape)
    try:
        result = np.asarray(x[key])
    except (IndexError, ValueError) as error:
        out.append(f"fail {extents} {expression} {type(error).__name__}: {error}")
        return
    out.append(f"read {extents} {expression} {text_of(result.shape)} {text_of(result.ravel())}")
    if expression == "()":
        return
    added = x.copy()
    x[key] = -1 - np.arange(result.size).reshape(result.shape)
    out.append(f"write {extents} {expression} {text_of(x.ravel())}")
    if "[" in expression:
        np.add.at(added, key, 1 + np.arange(result.size).reshape(result.shape))
        out.append(f"add {extents} {expression} {text_of(added.ravel())}")


def write(path):
    generator = random.Random(5)
    seen, out = set(), []
    for shape, expressions in itertools.chain(FIXED.items(), FAILING.items()):
        for expression in expressions:
            rows(out, shape, expression.replace(" ", ""))
    for start, stop, step in itertools.product(BOUNDS, BOUNDS, STEPS):
        rows(out, (5,), f"{start}:{stop}" + (f":{step}" if step else ""))
    for shape in SHAPES:
        for _ in range(60):
            expression = random_expression(generator, len(shape))
            if (shape, expression) not in seen:
                seen.add((shape, expression))
                rows(out, shape, expression)
    for shape in [(5,), (3, 4), (1, 6), (2, 3, 4), (3, 1, 2, 2)]:
        for _ in range(120):
            expression = random_advanced(generator, shape)
            if (shape, expression) not in seen:
                seen.add((shape, expression))
                rows(out, shape, expression)
    path.write_text("\n".join(out) + "\n")
