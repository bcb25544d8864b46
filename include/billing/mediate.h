#pragma once

// Mediation: bytes -> event batches. What cannot be decoded becomes a reject with a reason.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "billing/event_batch.h"
#include "billing/int128.h"
#include "billing/record_format.h"
#include "billing/record_source.h"
#include "billing/reject.h"
#include "billing/simd_level.h"

namespace billing {

/// Whole records: bytes that begin at a record's first byte and end after a line end or at the end
/// of the input.
struct RecordBytes {
  std::string_view bytes;
  /// Bytes from `bytes.data()` on that wide loads may read, never interpret; at least bytes.size().
  std::size_t readable_bytes = 0;
  bool at_input_start = false;  ///< a UTF-8 byte order mark there is skipped
  /// What holds at the first byte: what pass() of the format's cutter returned for the bytes before
  /// (see make_cutter()); null where it returned null. Must live during the call.
  const RecordState* start = nullptr;
};

/// What one call of mediate() read. records = events - further_events + rejects + filtered + blanks
/// + directives, and the records tile the bytes: bytes == the length of the input, line ends
/// included.
struct MediationCounts {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t rejects = 0;
  std::uint64_t blanks = 0;
  std::uint64_t directives = 0;        ///< headers and such: records that are about others
  std::uint64_t without_quantity = 0;  ///< events that take a constant for lack of a quantity
  std::uint64_t filtered = 0;          ///< records that RecordFormat::where drops
  /// By expression of RecordFormat::where: the records that it was the first to drop.
  std::vector<std::uint64_t> filtered_by = {};
  /// Where given, records end before this byte: behind it is a broken record, if `is_broken`, and
  /// no other.
  std::optional<std::uint64_t> ends_at = std::nullopt;
  bool is_broken = false;
  Int128 quantity = 0;               ///< of the events
  std::uint64_t further_events = 0;  ///< with measures: those of a record beyond its first
  /// By measure, how many of the records that make events have it, be it 0.
  std::vector<std::uint64_t> with_measure = {};
};

/// How the records of an input are read, ready to be asked for. Immutable; any number of threads
/// and inputs may share one.
class InputFormat;

/// Throws Error(configuration) where a selector, a definition or a unit is wrong, or a field is
/// asked for that records of this format have not.
std::shared_ptr<const InputFormat> make_input_format(const RecordFormat& format);

inline constexpr std::uint64_t kDefaultMaxRecordBytes = std::uint64_t{16} << 20;
/// The smallest limit allowed: fast paths do not check records up to this length.
inline constexpr std::uint64_t kMinRecordLimitBytes = 1024;
/// The largest limit allowed: columns are 32-bit numbers.
inline constexpr std::uint64_t kMaxRecordLimitBytes = std::uint64_t{1} << 30;

/// Finds the ends of one input's records, for a host that reads inputs by itself: in a RecordSource
/// or for a PartialMaker. It begins at the input's start, or at a record within the input. Needs
/// `format` no longer. What pass() returns is the `start` of the chunk (RecordBytes::start,
/// Chunk::start) that begins there. `max_record_bytes`: that of MediationOptions.
std::unique_ptr<RecordCutter> make_cutter(const InputFormat& format, bool at_input_start,
                                          std::uint64_t max_record_bytes = kDefaultMaxRecordBytes);

struct MediationOptions;
using BatchSink = std::function<void(EventBatch&)>;
using RejectSink = std::function<void(const Reject&)>;
using Decoder = std::function<MediationCounts(const RecordBytes&, const MediationOptions&,
                                              EventBatch&, const BatchSink&, const RejectSink&)>;

struct MediationOptions {
  std::shared_ptr<const InputFormat> format = nullptr;  ///< null: `text`
  SimdLevel simd = best_simd_level();                   ///< one that this processor has
  /// A longer record (without its line end) is rejected as `too_long`. From kMinRecordLimitBytes to
  /// kMaxRecordLimitBytes.
  std::uint64_t max_record_bytes = kDefaultMaxRecordBytes;
  /// Decodes in place of the format's own decoder, for hosts with records of another kind: lines,
  /// each of which becomes an event, a reject or a blank. It does what mediate() promises. Called
  /// by several threads at once, each with a batch of its own. If it calls mediate() it must pass
  /// options without `decoder`.
  Decoder decoder = nullptr;
};

/// Decodes whole records. `batch` is scratch space owned by the caller. Each full batch, and the
/// last, goes to `on_batch`, which may change it; rejects go to `on_reject`. Neither comes in the
/// order of the input. Exceptions of the callbacks pass through. Threads: any number of calls
/// at once, each with its own batch.
MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                        EventBatch& batch, const BatchSink& on_batch, const RejectSink& on_reject);

}  // namespace billing
