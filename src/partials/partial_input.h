#pragma once

// One input of a partial: what was read of it; docs/partial-format.md describes the encoding.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_codec.h"
#include "billing/control_totals.h"
#include "billing/usage_options.h"
#include "partials/content_hash.h"

namespace billing {

/// What a file held before it grew: a copy that was made then is still known by it.
struct EarlierContent {
  std::uint64_t bytes = 0;
  ContentHash hash{};  ///< of these bytes
};

/// A compressed file that held what the log has held at one of its lengths: it is known without
/// being decompressed.
struct PackedContent {
  std::uint64_t bytes = 0;
  ContentHash hash{};               ///< of these bytes, which are compressed
  std::uint64_t content_bytes = 0;  ///< so many of the log
};

/// How many of them are kept of a log: the latest.
inline constexpr std::size_t kMaxPacked = 16;

/// How much of content is hashed to tell at a glance what cannot be the same.
inline constexpr std::uint64_t kHeadBytes = 256;

/// How far an input was looked at, for runs that go on where the last one ended.
struct SeenContent {
  std::uint64_t bytes = 0;
  ContentHash hash{};  ///< of these bytes
  /// From the start: whole records, and a last one without an end that was read within another log.
  std::uint64_t taken_bytes = 0;
  std::uint64_t taken_lines = 0;  ///< records
  std::string last_line = {};     ///< what follows: not taken in; empty beyond 64 KiB
  /// The hash of its first bytes when it was read first: kHeadBytes, or all if it had fewer.
  ContentHash head{};
  std::uint64_t taken_run = 0;  ///< the state's run that took something in last, from 1
  std::vector<EarlierContent> earlier = {};  ///< by rising bytes, all fewer than above
  /// How its records were read, as who keeps the state writes it; null for `text`. Logs share it.
  std::shared_ptr<const std::string> format = nullptr;
  std::vector<PackedContent> packed = {};
};

struct PartialInput {
  std::string name;
  InputTotals totals;
  std::optional<SeenContent> seen = {};
  std::optional<InputPiece> piece = {};  ///< where this is not the whole input
};

/// Throws std::invalid_argument for a name that is longer than kMaxInputNameBytes.
void check_input_name(const std::string& name);

/// Whether the offset at which a piece ends is below 2^64; true for a whole input.
bool has_end(const PartialInput& input);

/// As people see it: `log from byte 4096` for a piece.
std::string shown_name(const PartialInput& input);

/// The one way of writing an input: its head, and each of its earlier contents by itself, because a
/// block may end before any of them. A head is no longer than a block.
void append_input_head(std::string& out, const PartialInput& input, std::uint64_t earlier_count);
void append_earlier(std::string& out, const EarlierContent& content);

/// The next input, still without earlier contents, of which so many follow. `bytes` has failed
/// where there is none. Throws Error(configuration) for a reason of rejects that this program does
/// not know.
PartialInput read_input_head(ByteReader& bytes, std::uint64_t& earlier_count);
EarlierContent read_earlier(ByteReader& bytes);

/// What inputs add up to.
class InputSum {
 public:
  /// False where an input's records are not accepted + rejected + filtered + duplicates + blank +
  /// directives, or the sums become larger than what counts them; the sum is then spoilt.
  bool add(const InputTotals& totals);

  const InputTotals& totals() const { return totals_; }

 private:
  InputTotals totals_;
};

}  // namespace billing
