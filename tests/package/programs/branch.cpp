// Branches that depend on data, and a scalar array carried through a loop.
#include <iostream>
#include <tarry/tarry.h>
namespace np = tarry::numpy;
using tarry::Array;

Array foo(const Array& x) {
    if (x >= 0) return x;
    return 2 * x;
}

int main() {
    for (double first : {1.0, 3.0}) {
        Array x = first, y = 2.0, z;
        if (x < y)
            z = x + y;
        else
            z = np::power(y, 2);
        std::cout << z << "\n";
    }
    std::cout << foo(3.0) << "\n" << foo(-1.0) << "\n";

    auto power4 = [](const Array& v) {
        Array r = 1.0;
        for (int i = 0; i < 4; ++i) r = r * v;
        return r;
    };
    std::cout << power4(2.0) << "\n";
}
