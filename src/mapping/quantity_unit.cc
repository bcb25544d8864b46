#include "mapping/quantity_unit.h"

#include <array>

namespace billing {
namespace {

constexpr QuantityUnit kNanosecond = {UnitKind::time, 1, 0};
constexpr QuantityUnit kMicrosecond = {UnitKind::time, 1, 3};
constexpr QuantityUnit kMillisecond = {UnitKind::time, 1, 6};
constexpr QuantityUnit kSecond = {UnitKind::time, 1, 9};
constexpr QuantityUnit kMinute = {UnitKind::time, 6, 10};
constexpr QuantityUnit kHour = {UnitKind::time, 36, 11};

struct NamedUnit {
  std::string_view name;
  QuantityUnit unit;
};

constexpr std::array<NamedUnit, 14> kUnits = {{
    {"ns", kNanosecond},
    {"us", kMicrosecond},
    {"ms", kMillisecond},
    {"s", kSecond},
    {"min", kMinute},
    {"m", kMinute},
    {"h", kHour},
    {"B", {UnitKind::size, 1, 0}},
    {"kB", {UnitKind::size, 1, 3}},
    {"MB", {UnitKind::size, 1, 6}},
    {"GB", {UnitKind::size, 1, 9}},
    {"KiB", {UnitKind::size, 1 << 10, 0}},
    {"MiB", {UnitKind::size, 1 << 20, 0}},
    {"GiB", {UnitKind::size, 1 << 30, 0}},
}};

/// Besides the names. The two micro signs are U+00B5 and the Greek letter, U+03BC.
constexpr std::array<NamedUnit, 16> kWords = {{
    {"nsec", kNanosecond},
    {"nsecs", kNanosecond},
    {"nanos", kNanosecond},
    {"\u00B5s", kMicrosecond},
    {"\u03BCs", kMicrosecond},
    {"usec", kMicrosecond},
    {"usecs", kMicrosecond},
    {"micros", kMicrosecond},
    {"msec", kMillisecond},
    {"msecs", kMillisecond},
    {"millis", kMillisecond},
    {"sec", kSecond},
    {"secs", kSecond},
    {"mins", kMinute},
    {"hr", kHour},
    {"hrs", kHour},
}};

template <class Units>
const QuantityUnit* find(const Units& units, std::string_view name) {
  for (const NamedUnit& named : units) {
    if (named.name == name) return &named.unit;
  }
  return nullptr;
}

bool is_unit_of(UnitKind kind, std::string_view name) {
  const QuantityUnit* const unit = find_unit(name);
  return unit != nullptr && unit->kind == kind;
}

}  // namespace

const QuantityUnit* find_unit(std::string_view name) { return find(kUnits, name); }

const QuantityUnit* find_unit_word(std::string_view word) {
  const QuantityUnit* const unit = find_unit(word);
  return unit != nullptr ? unit : find(kWords, word);
}

bool is_time_unit(std::string_view name) { return is_unit_of(UnitKind::time, name); }
bool is_size_unit(std::string_view name) { return is_unit_of(UnitKind::size, name); }

}  // namespace billing
