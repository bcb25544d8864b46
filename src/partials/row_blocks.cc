#include "partials/row_blocks.h"

#include <algorithm>

#include "base/civil_time.h"
#include "base/decimal_digits.h"
#include "billing/event_batch.h"

namespace billing {
namespace {

/// Rows that are collected before they are encoded.
constexpr std::size_t kGroupRows = 1024;

/// Times count in powers of ten of nanoseconds, up to seconds.
constexpr std::uint64_t kSecondDigits = 9;

std::size_t shared_bytes(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first -
      a.begin());
}

}  // namespace

void RowEncoder::begin_user(std::string_view user, std::uint64_t) {
  if (user == user_) return;
  append_group();
  user_ = user;
}

void RowEncoder::add(std::span<const UsageRow> rows) {
  for (const UsageRow& row : rows) totals_.add(row, kind_);
  while (!rows.empty()) {
    const std::span<const UsageRow> some =
        rows.first(std::min(rows.size(), kGroupRows - group_.size()));
    group_.insert(group_.end(), some.begin(), some.end());
    rows = rows.subspan(some.size());
    if (group_.size() == kGroupRows) append_group();
  }
}

void RowEncoder::append_group() {
  if (group_.empty()) return;
  const bool whole_seconds =
      kind_ == RowKind::events && std::all_of(group_.begin(), group_.end(), [](const auto& row) {
        return row.when % kNanosecondsPerSecond == 0;
      });
  const std::int64_t unit = whole_seconds ? kNanosecondsPerSecond : 1;
  if (payload_.empty()) previous_user_.clear();
  const std::size_t shared = shared_bytes(previous_user_, user_);
  append_varint(payload_, shared);
  append_string(payload_, std::string_view(user_).substr(shared));
  append_varint(payload_, group_.size());
  append_varint(payload_, whole_seconds ? kSecondDigits : 0);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < group_.size(); ++i) {
    const UsageRow& row = group_[i];
    const std::int64_t when = row.when / unit;
    append_varint(payload_,
                  i == 0 ? zigzag(when)
                         : static_cast<std::uint64_t>(when) - static_cast<std::uint64_t>(last));
    last = when;
    append_varint(payload_, row.task);
    append_varint(payload_, row.extra);
    append_wide_varint(payload_, wide_zigzag<Uint128>(row.quantity));
  }
  previous_user_ = user_;
  group_.clear();
  if (payload_.size() >= kBlockBytes) flush_block();
}

void RowEncoder::flush() {
  append_group();
  flush_block();
}

void RowEncoder::flush_block() {
  if (payload_.empty()) return;
  append_block(blocks_, BlockKind::rows, payload_);
  payload_.clear();
}

bool RowDecoder::next_group() {
  if (bytes_.at_end()) return false;
  const std::uint64_t shared = bytes_.varint();
  const std::string_view rest = bytes_.string();
  rows_left_ = bytes_.varint();
  const std::uint64_t unit_digits = bytes_.varint();
  if (shared > user_.size() || shared + rest.size() > kMaxNameBytes || rows_left_ == 0 ||
      unit_digits > kSecondDigits) {
    bytes_.fail();
    rows_left_ = 0;
    return false;
  }
  unit_ = static_cast<std::int64_t>(kPowersOfTen[unit_digits]);
  user_.resize(shared);
  user_ += rest;
  first_in_group_ = true;
  return !bytes_.failed();
}

UsageRow RowDecoder::next_row() {
  const std::uint64_t when = bytes_.varint();
  when_ = first_in_group_ ? static_cast<std::uint64_t>(unzigzag(when)) : when_ + when;
  first_in_group_ = false;
  const std::uint64_t task = bytes_.varint();
  UsageRow row{0, static_cast<std::uint32_t>(task), bytes_.varint(), 0};
  row.quantity = wide_unzigzag<Int128>(bytes_.wide_varint<Uint128>());
  if (__builtin_mul_overflow(static_cast<std::int64_t>(when_), unit_, &row.when) ||
      task != row.task)
    bytes_.fail();
  --rows_left_;
  if (bytes_.failed()) rows_left_ = 0;
  return row;
}

}  // namespace billing
