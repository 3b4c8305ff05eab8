"""Random programs of views, writes, copies and arithmetic, and what NumPy leaves in every name.

scripts.txt, all arrays int64:

    script NUMBER
    NAME = arange COUNT EXTENTS          new memory
    NAME = index FROM EXPR               view, or copy where EXPR holds arrays
    NAME = transpose FROM | reshape FROM EXTENTS | flip FROM AXIS | copy FROM | name FROM
    NAME = add A B | sum A AXIS
    NAME [EXPR] = VALUE                  VALUE is a number or a name
    NAME += VALUE | -= | *=
    look NAME
    end NAME EXTENTS VALUES              one for each name, in the order of their making
"""

import random

import numpy as np

from reference_indexing import index_of, random_advanced, random_expression, text_of

SCRIPTS = 150
STEPS = 14
SHAPES = [(6,), (3, 4), (2, 3, 2), (4, 1), (5,)]


class Script:
    def __init__(self, generator):
        self.generator = generator
        self.names = {}
        self.lines = []

    def pick(self):
        return self.generator.choice(list(self.names))

    def define(self, text, value):
        name = f"v{len(self.names)}"
        self.lines.append(f"{name} = {text}")
        self.names[name] = value

    def value(self):
        """A number or a name, as text and as what it stands for."""
        if self.generator.random() < 0.4:
            number = self.generator.randint(-9, 9)
            return str(number), number
        name = self.pick()
        return name, self.names[name]

    def expression(self, array):
        if array.ndim and array.size and self.generator.random() < 0.35:
            return random_advanced(self.generator, array.shape)
        return random_expression(self.generator, array.ndim)

    def new_memory(self):
        shape = self.generator.choice(SHAPES)
        count = int(np.prod(shape))
        self.define(f"arange {count} {text_of(shape)}", np.arange(count).reshape(shape))

    def view(self):
        name, kind = self.pick(), self.generator.randrange(6)
        array = self.names[name]
        if kind <= 1:
            expression = self.expression(array)
            result = array[index_of(expression)]
            if np.ndim(result) == 0:
                return  # NumPy makes a scalar, which is a copy
            self.define(f"index {name} {expression}", result)
        elif kind == 2:
            self.define(f"transpose {name}", array.T)
        elif kind == 3:
            shape = self.generator.choice([(-1,), (2, -1), (-1, 3), (array.size,), (1, -1)])
            self.define(f"reshape {name} {text_of(shape)}", array.reshape(shape))
        elif kind == 4 and array.ndim:
            axis = self.generator.randrange(array.ndim)
            self.define(f"flip {name} {axis}", np.flip(array, axis))
        else:
            self.define(f"name {name}", array)

    def compute(self):
        name = self.pick()
        array, kind = self.names[name], self.generator.randrange(3)
        if kind == 0:
            self.define(f"copy {name}", array.copy())
        elif kind == 1:
            other = self.pick()
            self.define(f"add {name} {other}", array + self.names[other])
        elif array.ndim > 1:
            axis = self.generator.randrange(array.ndim)
            self.define(f"sum {name} {axis}", array.sum(axis))

    def write(self):
        name = self.pick()
        array, (text, value) = self.names[name], self.value()
        if self.generator.random() < 0.5:
            expression = self.expression(array)
            array[index_of(expression)] = value
            self.lines.append(f"{name} [{expression}] = {text}")
        else:
            sign = self.generator.choice(["+=", "-=", "*="])
            if sign == "+=":
                array += value
            elif sign == "-=":
                array -= value
            else:
                array *= value
            self.lines.append(f"{name} {sign} {text}")

    def look(self):
        self.lines.append(f"look {self.pick()}")

    def run(self):
        self.new_memory()
        while len(self.lines) < STEPS:
            step = self.generator.choices([self.new_memory, self.view, self.compute, self.write, self.look],
                                          [1, 6, 3, 7, 1])[0]
            try:
                step()
            except (ValueError, IndexError, TypeError):
                continue  # shapes that do not fit: nothing happened
        ends = [f"end {name} {text_of(a.shape)} {text_of(a.ravel())}" for name, a in self.names.items()]
        return self.lines + ends


def write(path):
    out = []
    for number in range(SCRIPTS):
        out.append(f"script {number}")
        with np.errstate(all="ignore"):
            out.extend(Script(random.Random(number)).run())
    path.write_text("\n".join(out) + "\n")
