#include "partials/partial_input.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string_view>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/quantity.h"
#include "billing/record_format.h"
#include "billing/record_source.h"

namespace billing {
namespace {

/// Magnitudes of sums stay below this, so that none of two sums leaves 128 bits.
constexpr Uint128 kQuantitySumLimit = Uint128{1} << 126;

/// Whether so many events can have the quantity, and what became of all records adds up to them.
bool balances(const InputTotals& totals) {
  if (magnitude(totals.accepted_quantity) > Uint128{totals.events} * kMaxQuantity) return false;
  if (totals.events > Uint128{totals.accepted} * kMaxMeasures) return false;
  Uint128 found = Uint128{totals.accepted} + totals.filtered + totals.duplicates + totals.blank +
                  totals.directives;
  for (const std::uint64_t rejected : totals.rejected) found += rejected;
  return found == totals.records;
}

void append_hash(std::string& out, const ContentHash& hash) {
  for (const std::uint64_t half : hash) append_fixed(out, half);
}

ContentHash read_hash(ByteReader& bytes) {
  ContentHash hash;
  for (std::uint64_t& half : hash) half = bytes.fixed<std::uint64_t>();
  return hash;
}

void append_seen(std::string& out, const SeenContent& seen, std::uint64_t earlier_count) {
  append_varint(out, seen.bytes);
  append_hash(out, seen.hash);
  append_varint(out, seen.taken_bytes);
  append_varint(out, seen.taken_lines);
  append_string(out, seen.last_line);
  append_hash(out, seen.head);
  append_varint(out, seen.taken_run);
  append_varint(out, earlier_count);
}

/// What only logs have that are not uncompressed `text`.
constexpr std::uint64_t kSeen = 1;
constexpr std::uint64_t kSeenWithFormat = 2;

bool has_format(const SeenContent& seen) { return seen.format || !seen.packed.empty(); }

void append_format(std::string& out, const SeenContent& seen) {
  append_string(out, seen.format ? *seen.format : std::string());
  append_varint(out, seen.packed.size());
  for (const PackedContent& packed : seen.packed) {
    append_varint(out, packed.bytes);
    append_hash(out, packed.hash);
    append_varint(out, packed.content_bytes);
  }
}

void read_format(ByteReader& bytes, SeenContent& seen) {
  const std::string_view format = bytes.string();
  if (!format.empty()) seen.format = std::make_shared<const std::string>(format);
  const std::uint64_t count = bytes.varint();
  if (count > kMaxPacked) bytes.fail();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) {
    PackedContent packed;
    packed.bytes = bytes.varint();
    packed.hash = read_hash(bytes);
    packed.content_bytes = bytes.varint();
    if (packed.content_bytes > seen.bytes) bytes.fail();
    seen.packed.push_back(packed);
  }
}

SeenContent read_seen(ByteReader& bytes, std::uint64_t& earlier_count) {
  SeenContent seen;
  seen.bytes = bytes.varint();
  seen.hash = read_hash(bytes);
  seen.taken_bytes = bytes.varint();
  seen.taken_lines = bytes.varint();
  seen.last_line = bytes.string();
  seen.head = read_hash(bytes);
  seen.taken_run = bytes.varint();
  earlier_count = bytes.varint();
  if (seen.taken_bytes > seen.bytes || earlier_count > seen.bytes) bytes.fail();
  return seen;
}

constexpr std::uint64_t kWhole = 0;
constexpr std::uint64_t kPiece = 1;
constexpr std::uint64_t kLastPiece = 2;

void append_piece(std::string& out, const std::optional<InputPiece>& piece) {
  append_varint(out, !piece ? kWhole : piece->is_last ? kLastPiece : kPiece);
  if (piece) append_varint(out, piece->begin_bytes);
}

std::optional<InputPiece> read_piece(ByteReader& bytes) {
  const std::uint64_t kind = bytes.varint();
  if (kind > kLastPiece) bytes.fail();
  if (kind == kWhole) return std::nullopt;
  return InputPiece{bytes.varint(), kind == kLastPiece};
}

/// Among the counts by name, beside rejects.
constexpr std::string_view kDirectives = "directives";
constexpr std::string_view kDuplicates = "duplicates";
/// Those of accepted records, where they are not as many.
constexpr std::string_view kEvents = "events";

/// Records that are no events, by what they are: those that there are.
void append_others(std::string& out, const InputTotals& totals) {
  std::map<std::string_view, std::uint64_t> counts;
  const RejectCounts& rejected = totals.rejected;
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    if (rejected[i] > 0) counts[reject_reason_name(static_cast<RejectReason>(i))] = rejected[i];
  }
  if (totals.directives > 0) counts[kDirectives] = totals.directives;
  if (totals.duplicates > 0) counts[kDuplicates] = totals.duplicates;
  if (totals.events != totals.accepted) counts[kEvents] = totals.events;
  append_varint(out, counts.size());
  for (const auto& [name, count] : counts) {
    append_string(out, name);
    append_varint(out, count);
  }
}

void read_others(ByteReader& bytes, InputTotals& totals) {
  for (std::uint64_t left = bytes.varint(); left > 0 && !bytes.failed(); --left) {
    const std::string_view name = bytes.string();
    const std::uint64_t count = bytes.varint();
    if (bytes.failed()) return;
    if (name == kDirectives || name == kDuplicates || name == kEvents) {
      (name == kEvents       ? totals.events
       : name == kDuplicates ? totals.duplicates
                             : totals.directives) = count;
      continue;
    }
    const std::optional<RejectReason> reason = reject_reason_of(name);
    if (!reason) {
      throw Error(ErrorKind::configuration, "this program does not know rejects of the kind " +
                                                quoted_text(name) + "; use a newer one");
    }
    totals.rejected[static_cast<std::size_t>(*reason)] = count;
  }
}

}  // namespace

void check_input_name(const std::string& name) {
  if (name.size() > kMaxInputNameBytes)
    throw std::invalid_argument("the name of an input is longer than 64 KiB");
}

bool has_end(const PartialInput& input) {
  std::uint64_t end_bytes = 0;
  return !input.piece ||
         !__builtin_add_overflow(input.piece->begin_bytes, input.totals.bytes, &end_bytes);
}

std::string shown_name(const PartialInput& input) {
  if (!input.piece) return input.name;
  return input.name + " from byte " + std::to_string(input.piece->begin_bytes);
}

void append_input_head(std::string& out, const PartialInput& input, std::uint64_t earlier_count) {
  const InputTotals& totals = input.totals;
  append_string(out, input.name);
  append_piece(out, input.piece);
  for (const std::uint64_t count :
       {totals.bytes, totals.records, totals.accepted, totals.filtered, totals.blank}) {
    append_varint(out, count);
  }
  append_others(out, totals);
  append_fixed(out, totals.accepted_quantity);
  append_varint(out, zigzag(totals.earliest_ns));
  append_varint(out, zigzag(totals.latest_ns));
  append_varint(out, !input.seen ? 0 : has_format(*input.seen) ? kSeenWithFormat : kSeen);
  if (!input.seen) return;
  append_seen(out, *input.seen, earlier_count);
  if (has_format(*input.seen)) append_format(out, *input.seen);
}

void append_earlier(std::string& out, const EarlierContent& content) {
  append_varint(out, content.bytes);
  append_hash(out, content.hash);
}

PartialInput read_input_head(ByteReader& bytes, std::uint64_t& earlier_count) {
  PartialInput input;
  InputTotals& totals = input.totals;
  input.name = bytes.string();
  input.piece = read_piece(bytes);
  for (std::uint64_t* count :
       {&totals.bytes, &totals.records, &totals.accepted, &totals.filtered, &totals.blank}) {
    *count = bytes.varint();
  }
  totals.events = totals.accepted;
  read_others(bytes, totals);
  totals.accepted_quantity = bytes.fixed<Int128>();
  totals.earliest_ns = unzigzag(bytes.varint());
  totals.latest_ns = unzigzag(bytes.varint());
  earlier_count = 0;
  const std::uint64_t seen = bytes.varint();
  if (seen > kSeenWithFormat) bytes.fail();
  if (seen >= kSeen) input.seen = read_seen(bytes, earlier_count);
  if (seen == kSeenWithFormat && !bytes.failed()) read_format(bytes, *input.seen);
  if (!has_end(input)) bytes.fail();
  return input;
}

EarlierContent read_earlier(ByteReader& bytes) {
  EarlierContent content;
  content.bytes = bytes.varint();
  content.hash = read_hash(bytes);
  return content;
}

bool InputSum::add(const InputTotals& totals) {
  std::uint64_t sum = 0;
  if (!balances(totals) || magnitude(totals.accepted_quantity) >= kQuantitySumLimit ||
      __builtin_add_overflow(totals_.records, totals.records, &sum) ||
      __builtin_add_overflow(totals_.events, totals.events, &sum) ||
      __builtin_add_overflow(totals_.bytes, totals.bytes, &sum))
    return false;
  totals_ += totals;
  return magnitude(totals_.accepted_quantity) < kQuantitySumLimit;
}

}  // namespace billing
