#include "partials/keyed_record.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <tuple>

#include "base/byte_codec.h"

namespace billing {
namespace {

/// By their events, then by their places.
std::strong_ordering order_of(const KeyedRecord& a, const KeyedRecord& b) {
  if (const auto order = std::tie(a.time_ns, a.user) <=> std::tie(b.time_ns, b.user);
      std::is_neq(order))
    return order;
  std::string_view a_events = a.events;
  std::string_view b_events = b.events;
  while (!a_events.empty() && !b_events.empty()) {
    const KeyedEvent one = take_event(a_events);
    const KeyedEvent other = take_event(b_events);
    const auto order = std::tie(one.task, a.status, one.quantity) <=>
                       std::tie(other.task, b.status, other.quantity);
    if (std::is_neq(order)) return order;
  }
  return std::tuple(!a_events.empty(), a.input, a.offset_bytes) <=>
         std::tuple(!b_events.empty(), b.input, b.offset_bytes);
}

Int128 sum_of(const KeyedRecord& record) {
  Int128 sum = 0;
  for (std::string_view events = record.events; !events.empty();)
    sum += take_event(events).quantity;
  return sum;
}

template <class Number>
Number take_number(std::string_view& bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof(number));
  bytes.remove_prefix(sizeof(number));
  return number;
}

std::string_view take_bytes(std::string_view& bytes, std::size_t size) {
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

}  // namespace

void append_event(std::string& events, const KeyedEvent& event) {
  append_fixed(events, event.quantity);
  events += static_cast<char>(event.task.size());  // at most kMaxNameBytes
  events += event.task;
}

KeyedEvent take_event(std::string_view& events) {
  KeyedEvent event;
  event.quantity = take_number<std::int64_t>(events);
  const std::size_t task_bytes = take_number<std::uint8_t>(events);
  event.task = take_bytes(events, task_bytes);
  return event;
}

void KeyedTotals::add(const KeyedRecord& record) {
  ++records;
  earliest_ns = std::min(earliest_ns, record.time_ns);
  latest_ns = std::max(latest_ns, record.time_ns);
  for (std::string_view left = record.events; !left.empty();) {
    const KeyedEvent event = take_event(left);
    if (event.task.empty()) continue;  // the record bills nothing
    ++events;
    quantity += event.quantity;
  }
}

KeyedTotals& KeyedTotals::operator+=(const KeyedTotals& more) {
  records += more.records;
  events += more.events;
  quantity += more.quantity;
  earliest_ns = std::min(earliest_ns, more.earliest_ns);
  latest_ns = std::max(latest_ns, more.latest_ns);
  return *this;
}

void append_record(std::string& out, const KeyedRecord& record) {
  append_fixed(out, record.time_ns);
  append_fixed(out, record.offset_bytes);
  append_fixed(out, record.input);
  append_fixed(out, static_cast<std::uint32_t>(record.events.size()));
  append_fixed(out, record.status);
  out += static_cast<char>(record.user.size());  // at most kMaxNameBytes
  out += record.user;
  out += record.events;
  const bool has_rounding = record.rounding.count > 0;
  out += has_rounding ? '\1' : '\0';
  if (has_rounding) {
    append_fixed(out, record.rounding.count);
    append_fixed(out, record.rounding.by);
  }
  out += record.rest;
}

KeyedRecord keyed_record(std::string_view bytes) {
  KeyedRecord record;
  record.time_ns = take_number<std::int64_t>(bytes);
  record.offset_bytes = take_number<std::uint64_t>(bytes);
  record.input = take_number<std::uint32_t>(bytes);
  const std::size_t events_bytes = take_number<std::uint32_t>(bytes);
  record.status = take_number<std::uint16_t>(bytes);
  const std::size_t user_bytes = take_number<std::uint8_t>(bytes);
  record.user = take_bytes(bytes, user_bytes);
  record.events = take_bytes(bytes, events_bytes);
  if (take_number<std::uint8_t>(bytes) != 0) {
    record.rounding.count = take_number<std::uint64_t>(bytes);
    record.rounding.by = take_number<Int128>(bytes);
  }
  record.rest = bytes;
  return record;
}

bool smallest_first(std::string_view a, std::string_view b) {
  return std::is_lt(order_of(keyed_record(a), keyed_record(b)));
}

bool largest_first(std::string_view a, std::string_view b) {
  const KeyedRecord one = keyed_record(a);
  const KeyedRecord other = keyed_record(b);
  const Int128 sum = sum_of(one);
  const Int128 other_sum = sum_of(other);
  return sum != other_sum ? sum > other_sum : std::is_lt(order_of(one, other));
}

}  // namespace billing
