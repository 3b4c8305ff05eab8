#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

std::string duration(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.1f} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.2f} µs", seconds * 1e6);
  return fmt::format("{:.2f} ms", seconds * 1e3);
}

std::string rate(const Result& r, double seconds) {
  const double per_nanosecond = r.amount / seconds * 1e-9;
  return r.amount_is_bytes ? fmt::format("{:.1f} GB/s", per_nanosecond) : fmt::format("{:.2f}/ns", per_nanosecond);
}

const char* verdict(bool met) { return met ? "yes" : "**no**"; }

std::string row(const Result& r) {
  if (!r.failure.empty())
    return fmt::format("| {} | failed: {} | | | {:.2f} | **no** | | | |\n", r.name, r.failure, r.bar);
  return fmt::format("| {} | {}, {} | {}, {} | {:.3f} | {:.2f} | {} | {} | {:.1e} | {} |\n", r.name,
                     duration(r.tarry_seconds), rate(r, r.tarry_seconds), duration(r.peer_seconds),
                     rate(r, r.peer_seconds), r.ratio, r.bar, verdict(r.met()), r.kernels, r.error, r.peer);
}

std::string row(const CostResult& r) {
  if (!r.failure.empty())
    return fmt::format("| {} | failed: {} | {:g} {} | **no** |\n", r.name, r.failure, r.bar, r.unit);
  return fmt::format("| {} | {:.4g} {} | {:g} {} | {} |\n", r.name, r.value, r.unit, r.bar, r.unit, verdict(r.met()));
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

/// A number, or null where JSON has none.
std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.9g}", value) : "null"; }

}  // namespace

bool Table::valid() const {
  return std::all_of(results.begin(), results.end(), [](const Result& r) { return r.failure.empty(); }) &&
         std::all_of(costs.begin(), costs.end(), [](const CostResult& r) { return r.failure.empty(); });
}

std::string markdown(const Machine& machine, const Table& table, const Options& options) {
  std::string text;
  for (const auto& [key, value] : machine) text += fmt::format("- {}: {}\n", key, value);
  if (!table.results.empty()) {
    text += fmt::format(
        "\nTimes are medians; the ratio is the median of tarry's time over the time by hand in {} interleaved "
        "pairs.\n\n"
        "| work | tarry | by hand | ratio | bar | met | kernels | largest difference | fastest form by hand |\n"
        "|---|---|---|---|---|---|---|---|---|\n",
        options.pairs);
    for (const Result& r : table.results) text += row(r);
  }
  if (!table.costs.empty()) {
    text += "\n| cost | measured | bar | met |\n|---|---|---|---|\n";
    for (const CostResult& r : table.costs) text += row(r);
  }
  return text;
}

std::string json(const Machine& machine, const Table& table, const Options& options) {
  std::string text = "{\n  \"machine\": {";
  const char* separator = "";
  for (const auto& [key, value] : machine) {
    text += fmt::format("{}\n    {}: {}", separator, quoted(key), quoted(value));
    separator = ",";
  }
  text += fmt::format("\n  }},\n  \"pairs\": {},\n  \"comparisons\": [", options.pairs);
  separator = "";
  for (const Result& r : table.results) {
    text += fmt::format(
        "{}\n    {{\"work\": {}, \"ratio\": {}, \"bar\": {}, \"met\": {}, \"tarry_seconds\": {}, \"peer_seconds\": {}, "
        "\"peer\": {}, \"kernels\": {}, \"largest_difference\": {}, \"failure\": {}}}",
        separator, quoted(r.name), number(r.ratio), number(r.bar), r.met(), number(r.tarry_seconds),
        number(r.peer_seconds), quoted(r.peer), r.kernels, number(r.error), quoted(r.failure));
    separator = ",";
  }
  text += "\n  ],\n  \"costs\": [";
  separator = "";
  for (const CostResult& r : table.costs) {
    text += fmt::format(
        "{}\n    {{\"cost\": {}, \"value\": {}, \"unit\": {}, \"bar\": {}, \"met\": {}, \"failure\": {}}}", separator,
        quoted(r.name), number(r.value), quoted(r.unit), number(r.bar), r.met(), quoted(r.failure));
    separator = ",";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace bench
