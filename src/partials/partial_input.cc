#include "partials/partial_input.h"

#include <initializer_list>

namespace billing {

void append_input(std::string& out, const PartialInput& input) {
  const InputTotals& totals = input.totals;
  append_string(out, input.name);
  for (const std::uint64_t count :
       {totals.bytes, totals.records, totals.accepted, totals.filtered, totals.blank}) {
    append_varint(out, count);
  }
  append_varint(out, totals.rejected.size());
  for (const std::uint64_t count : totals.rejected) append_varint(out, count);
  append_fixed(out, totals.accepted_quantity);
  append_varint(out, zigzag(totals.earliest_ns));
  append_varint(out, zigzag(totals.latest_ns));
  append_varint(out, input.seen ? 1 : 0);
  if (!input.seen) return;
  append_varint(out, input.seen->bytes);
  for (const std::uint64_t half : input.seen->hash) append_fixed(out, half);
  append_varint(out, input.seen->taken_bytes);
  append_varint(out, input.seen->taken_lines);
  append_string(out, input.seen->last_line);
}

PartialInput read_input(ByteReader& bytes) {
  PartialInput input;
  InputTotals& totals = input.totals;
  input.name = bytes.string();
  for (std::uint64_t* count :
       {&totals.bytes, &totals.records, &totals.accepted, &totals.filtered, &totals.blank}) {
    *count = bytes.varint();
  }
  if (bytes.varint() != totals.rejected.size()) bytes.fail();
  for (std::uint64_t& count : totals.rejected) count = bytes.varint();
  totals.accepted_quantity = bytes.fixed<Uint128>();
  totals.earliest_ns = unzigzag(bytes.varint());
  totals.latest_ns = unzigzag(bytes.varint());
  const std::uint64_t seen = bytes.varint();
  if (seen > 1) bytes.fail();
  if (seen == 1) {
    input.seen.emplace();
    input.seen->bytes = bytes.varint();
    for (std::uint64_t& half : input.seen->hash) half = bytes.fixed<std::uint64_t>();
    input.seen->taken_bytes = bytes.varint();
    input.seen->taken_lines = bytes.varint();
    input.seen->last_line = bytes.string();
    if (input.seen->taken_bytes > input.seen->bytes) bytes.fail();
  }
  return input;
}

}  // namespace billing
