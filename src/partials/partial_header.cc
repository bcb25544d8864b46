#include "partials/partial_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>

#include "base/byte_codec.h"
#include "base/civil_time.h"
#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr const char* kGroupBy = "group-by";
constexpr const char* kCycle = "cycle";
constexpr const char* kTimezone = "timezone";
constexpr const char* kAnchorDay = "anchor-day";
constexpr const char* kSince = "since";
constexpr const char* kUntil = "until";
constexpr const char* kStatus = "status";
constexpr std::uint64_t kOptions = 7;
constexpr const char* kNoneOfThem = "none";

std::string text_of(const GroupBy& group_by) {
  std::string text;
  const auto add = [&text](bool kept, const char* part) {
    if (kept) text += (text.empty() ? "" : ",") + std::string(part);
  };
  add(group_by.user, "user");
  add(group_by.cycle, "cycle");
  add(group_by.task, "task");
  return text;
}

std::string text_of_instant(std::int64_t time_ns, std::int64_t none) {
  return time_ns == none ? "" : std::to_string(time_ns);
}

/// `200-299,404`.
std::string text_of(const StatusSet& statuses) {
  std::string text;
  if (statuses.all()) return text;
  for (std::size_t begin = 0; begin < statuses.size();) {
    std::size_t end = begin;
    while (end < statuses.size() && statuses[end]) ++end;
    if (end > begin) {
      text += (text.empty() ? "" : ",") + std::to_string(begin);
      if (end > begin + 1) text += "-" + std::to_string(end - 1);
    }
    begin = end + 1;
  }
  return text.empty() ? kNoneOfThem : text;
}

const std::string& value_of(const std::vector<NamedOption>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [name](const NamedOption& o) { return o.first == name; });
  if (found != options.end()) return found->second;
  throw Error(ErrorKind::configuration, "it does not say its " + std::string(name));
}

template <class Number>
Number number_in(std::string_view option, std::string_view text) {
  Number number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), text_end, number);
  if (failure == std::errc() && end == text_end) return number;
  throw Error(ErrorKind::configuration, "its " + std::string(option) + " is " + quoted_text(text));
}

/// `200-299,404`, or `none`.
StatusSet statuses_in(std::string_view ranges) {
  StatusSet statuses;
  if (ranges == kNoneOfThem) return statuses;
  for (const std::string_view range : split_list(ranges)) {
    const std::size_t dash = std::min(range.find('-'), range.size());
    const auto first = number_in<std::uint16_t>(kStatus, range.substr(0, dash));
    const auto last =
        dash == range.size() ? first : number_in<std::uint16_t>(kStatus, range.substr(dash + 1));
    if (first <= kNoStatus)
      throw Error(ErrorKind::configuration, "its status is " + quoted_text(range));
    for (std::size_t status = first; status <= last && status < statuses.size(); ++status)
      statuses.set(status);
  }
  return statuses;
}

}  // namespace

InputTotals PartialHeader::totals() const {
  InputTotals all;
  for (const PartialInput& input : inputs) all += input.totals;
  return all;
}

std::vector<NamedOption> usage_options(const GroupBy& group_by, const CycleSettings& cycles,
                                       const EventFilter& filter) {
  using Limits = std::numeric_limits<std::int64_t>;
  return {{kGroupBy, text_of(group_by)},
          {kCycle, cycles.policy},
          {kTimezone, cycles.timezone},
          {kAnchorDay, cycles.anchor_day ? std::to_string(*cycles.anchor_day) : ""},
          {kSince, text_of_instant(filter.since_ns, Limits::min())},
          {kUntil, text_of_instant(filter.until_ns, Limits::max())},
          {kStatus, text_of(filter.statuses)}};
}

GroupBy group_by_of(const std::vector<NamedOption>& options) {
  return parse_group_by(value_of(options, kGroupBy));
}

CycleSettings cycles_of(const std::vector<NamedOption>& options) {
  CycleSettings cycles{value_of(options, kCycle), value_of(options, kTimezone), std::nullopt};
  const std::string& day = value_of(options, kAnchorDay);
  if (!day.empty()) cycles.anchor_day = number_in<int>(kAnchorDay, day);
  return cycles;
}

EventFilter filter_of(const std::vector<NamedOption>& options) {
  EventFilter filter;
  const std::string& since = value_of(options, kSince);
  const std::string& until = value_of(options, kUntil);
  if (!since.empty()) filter.since_ns = number_in<std::int64_t>(kSince, since);
  if (!until.empty()) filter.until_ns = number_in<std::int64_t>(kUntil, until);
  const std::string& ranges = value_of(options, kStatus);
  if (!ranges.empty()) filter.statuses = statuses_in(ranges);
  return filter;
}

std::string shown_value(const NamedOption& option) {
  const auto& [name, value] = option;
  if (value.empty() || (name != kSince && name != kUntil)) return value;
  std::string time;
  append_timestamp(number_in<std::int64_t>(name, value), time);
  return time;
}

std::vector<NamedOption> shown_options(const std::vector<NamedOption>& options) {
  std::vector<NamedOption> shown;
  shown.reserve(options.size());
  for (const NamedOption& option : options) shown.emplace_back(option.first, shown_value(option));
  return shown;
}

std::string describe_difference(const std::vector<NamedOption>& a, const std::string& a_name,
                                const std::vector<NamedOption>& b, const std::string& b_name) {
  std::string text;
  const auto shown = [](const NamedOption& option) {
    return option.second.empty() ? "none" : shown_value(option);
  };
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const NamedOption nothing;
    const NamedOption& one = i < a.size() ? a[i] : nothing;
    const NamedOption& other = i < b.size() ? b[i] : nothing;
    if (one == other) continue;
    std::string option, first, second;
    append_escaped(option, one.first.empty() ? other.first : one.first);
    append_escaped(first, shown(one));
    append_escaped(second, shown(other));
    text += fmt::format("{}--{}: {} in {}, {} in {}", text.empty() ? "" : "\n", option, first,
                        quoted_text(a_name), second, quoted_text(b_name));
  }
  return text;
}

std::string encode_header(const DecodedHeader& header) {
  std::string out;
  append_varint(out, header.rows == RowKind::events ? 1 : 0);
  append_varint(out, header.options.size());
  for (const auto& [name, value] : header.options) {
    append_string(out, name);
    append_string(out, value);
  }
  append_varint(out, header.state ? 1 : 0);
  if (header.state) {
    append_varint(out, header.state->runs);
    out.append(header.state->secret.data(), header.state->secret.size());
  }
  return out;
}

std::optional<DecodedHeader> decode_header(std::string_view payload) {
  DecodedHeader header;
  ByteReader bytes(payload);
  header.rows = bytes.varint() == 1 ? RowKind::events : RowKind::sums;
  const std::uint64_t count = bytes.varint();
  if (count != kOptions) bytes.fail();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) {
    std::string name(bytes.string());
    header.options.emplace_back(std::move(name), bytes.string());
  }
  if (bytes.varint() == 1) {
    StateIdentity& state = header.state.emplace();
    state.runs = bytes.varint();
    const std::string_view secret = bytes.bytes(state.secret.size());
    std::copy(secret.begin(), secret.end(), state.secret.begin());
  }
  // One way of writing it, so that nothing hides in another.
  if (bytes.failed() || encode_header(header) != payload) return std::nullopt;
  return header;
}

}  // namespace billing
