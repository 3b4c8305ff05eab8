#pragma once
/// One instruction, run on many operands, against a reference.

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>

#include "test/machine.h"

namespace cudasim {

template <class T>
constexpr const char* kBitsType = sizeof(T) == 2   ? "b16"
                                  : sizeof(T) == 4 ? "b32"
                                                   : "b64";
template <>
inline constexpr const char* kBitsType<bool> = "pred";

template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, uint32_t, T>;

/// Code that loads an operand into %x<k>, or stores it.
template <class T>
std::string load_code(int k, const std::string& pointer) {
  const std::string x = "%x" + std::to_string(k), at = "%at" + std::to_string(k);
  std::string code =
      ".reg .b64 " + at + "; mad.lo.s64 " + at + ", %i, " + std::to_string(sizeof(Stored<T>)) + ", %" + pointer + ";\n";
  if constexpr (std::is_same_v<T, bool>)
    return code + ".reg .pred " + x + "; ld.global.u32 %r5, [" + at + "]; setp.ne.u32 " + x + ", %r5, 0;\n";
  else
    return code + ".reg ." + kBitsType<T> + " " + x + "; ld.global." + kBitsType<T> + " " + x + ", [" + at + "];\n";
}
template <class T>
std::string store_code(const std::string& value) {
  std::string code = ".reg .b64 %to; mad.lo.s64 %to, %i, " + std::to_string(sizeof(Stored<T>)) + ", %a;\n";
  if constexpr (std::is_same_v<T, bool>)
    return code + "selp.b32 %r5, 1, 0, " + value + "; st.global.u32 [%to], %r5;\n";
  else
    return code + "st.global." + std::string(kBitsType<T>) + " [%to], " + value + ";\n";
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

/// `instruction` names its result $d and its operands $0, $1, $2.
template <class D, class... S>
std::string lanes_text(const std::string& instruction, int sm) {
  std::string code, body = instruction;
  int k = 0;
  ((code += load_code<S>(k, std::string(1, static_cast<char>('b' + k))),
    body = replaced(body, "$" + std::to_string(k), "%x" + std::to_string(k)), ++k),
   ...);
  code += ".reg ." + std::string(kBitsType<D>) + " %y;\n" + replaced(body, "$d", "%y") + "\n" + store_code<D>("%y");
  return kernel_text(static_cast<int>(sizeof...(S)) + 1, code, "", sm);
}

template <class D, class... S>
std::vector<D> run_lanes_of(Machine& machine, const std::string& instruction,
                            const std::vector<std::tuple<S...>>& operands) {
  constexpr unsigned kThreads = 64;
  // Whole blocks: the last operands are repeated.
  const size_t n = (operands.size() + kThreads - 1) / kThreads * kThreads;
  const CUfunction f = machine.function(lanes_text<D, S...>(instruction, 90));
  const CUdeviceptr out = machine.allocate(n * sizeof(Stored<D>));
  const auto column = [&]<size_t k>() {
    using T = std::tuple_element_t<k, std::tuple<S...>>;
    std::vector<Stored<T>> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = std::get<k>(operands[std::min(i, operands.size() - 1)]);
    return machine.upload(values);
  };
  [&]<size_t... k>(std::index_sequence<k...>) {
    EXPECT_CALL(machine.run(f, static_cast<unsigned>(n / kThreads), kThreads, out, column.template operator()<k>()...));
  }
  (std::index_sequence_for<S...>());
  const std::vector<Stored<D>> got = machine.download<Stored<D>>(out, n);
  return std::vector<D>(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(operands.size()));
}

template <class T>
auto bits_of(T x) {
  if constexpr (sizeof(T) == 8)
    return std::bit_cast<uint64_t>(x);
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<uint32_t>(x);
  else if constexpr (sizeof(T) == 2)
    return std::bit_cast<uint16_t>(x);
  else
    return static_cast<uint32_t>(x);
}

/// Bit for bit; `reference` takes the operands.
template <class D, class... S, class F>
void expect_lanes(Machine& machine, const std::string& instruction, const std::vector<std::tuple<S...>>& operands,
                  F reference) {
  SCOPED_TRACE(instruction);
  const std::vector<D> got = run_lanes_of<D, S...>(machine, instruction, operands);
  int failures = 0;
  for (size_t i = 0; i < operands.size() && failures < 5; ++i) {
    const D expected = static_cast<D>(std::apply(reference, operands[i]));
    if (bits_of(got[i]) == bits_of(expected)) continue;
    ++failures;
    std::apply(
        [&](auto... x) {
          std::ostringstream text;
          ((text << " 0x" << std::hex << bits_of(x)), ...);
          ADD_FAILURE() << instruction << " of" << text.str() << std::hex << ": 0x" << bits_of(got[i])
                        << ", expected 0x" << bits_of(expected);
        },
        operands[i]);
  }
}

/// Values at which things go wrong, and random ones.
template <class T>
std::vector<T> interesting(size_t random = 40) {
  std::vector<T> all;
  std::mt19937_64 generator(7);
  if constexpr (std::is_floating_point_v<T>) {
    using L = std::numeric_limits<T>;
    for (T x : {T{0},
                L::denorm_min(),
                T(L::min() - L::denorm_min()),
                L::min(),
                T{0.5},
                T{1},
                T(1 + L::epsilon()),
                T(1 - L::epsilon() / 2),
                T{1.5},
                T{2},
                T{2.5},
                T{3},
                T{1 / T{3}},
                T(2 / L::epsilon()),
                L::max(),
                L::infinity(),
                T{100.25},
                T{32767.5},
                T{65504},
                T{65520},
                T{2147483648.0},
                T{4294967296.0},
                T{9.3e18f}})
      all.insert(all.end(), {x, -x});
    all.push_back(L::quiet_NaN());
  } else {
    using L = std::numeric_limits<T>;
    for (T x :
         {L::min(), static_cast<T>(L::min() + 1), T(-1), T(0), T(1), T(2), T(3), T(7), T(31), T(32), T(33), T(63),
          T(64), T(100), T(127), T(128), static_cast<T>(L::max() - 1), L::max(), static_cast<T>(L::max() / 2 + 1)})
      all.push_back(x);
  }
  for (size_t k = 0; k < random; ++k) {
    const uint64_t bits = generator();
    if constexpr (sizeof(T) == 8)
      all.push_back(std::bit_cast<T>(bits));
    else if constexpr (sizeof(T) == 4)
      all.push_back(std::bit_cast<T>(static_cast<uint32_t>(bits)));
    else
      all.push_back(static_cast<T>(bits));
  }
  return all;
}

template <class A>
std::vector<std::tuple<A>> each(const std::vector<A>& a) {
  return {a.begin(), a.end()};
}
template <class A, class B>
std::vector<std::tuple<A, B>> pairs(const std::vector<A>& a, const std::vector<B>& b) {
  std::vector<std::tuple<A, B>> all;
  for (A x : a)
    for (B y : b) all.emplace_back(x, y);
  return all;
}
template <class A, class B, class C>
std::vector<std::tuple<A, B, C>> triples(const std::vector<A>& a, const std::vector<B>& b, const std::vector<C>& c) {
  std::vector<std::tuple<A, B, C>> all;
  for (A x : a)
    for (B y : b)
      for (C z : c) all.emplace_back(x, y, z);
  return all;
}

}  // namespace cudasim
