#pragma once

// Where records come from: files, pipes, bytes in memory, and later rows of a database, objects of
// a store, messages of a topic. A source gives chunks of whole records; a format decodes them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// What holds at a record, of a format whose records depend on what came before: whether it is
/// within quotes, which fields a directive has named. Immutable.
class RecordState {
 public:
  virtual ~RecordState() = default;
};

/// Finds where the records of one input end: a format's, asked by the source for each chunk in
/// order. One thread at a time.
class RecordCutter {
 public:
  static constexpr std::size_t kNone = std::string_view::npos;

  virtual ~RecordCutter() = default;

  // `bytes` begin with a record. Both return kNone where no record ends at byte `from` or later.

  /// The offset just past the first record that ends at byte `from` or later.
  virtual std::size_t first_end(std::string_view bytes, std::size_t from) = 0;
  /// The offset just past the last record that ends at byte `from` or later.
  virtual std::size_t last_end(std::string_view bytes, std::size_t from) = 0;

  /// For a record that is too long to be kept, whose end last_end() has not found: `more` is what
  /// follows the bytes that last_end(), or the last skip(), has looked at. Returns the offset in
  /// `more` just past the record's end; kNone where the record goes on behind `more`.
  virtual std::size_t skip(std::string_view more) = 0;

  /// Moves on past `chunk`, whole records that follow those passed before. To be called first with
  /// no bytes, where reading begins. Returns what holds at the next record, for its chunk's
  /// `start`; null for formats whose records do not depend on those before. Of a record that was
  /// too long, what was kept is passed.
  virtual std::shared_ptr<const RecordState> pass(std::string_view /*chunk*/) { return nullptr; }

  /// At the input's end, behind its last chunk: what a further one, of no bytes, has to say; null
  /// where nothing is missing there.
  virtual std::shared_ptr<const RecordState> at_end() { return nullptr; }

  /// Whether records end at line ends, or at the input's.
  virtual bool ends_lines() const { return true; }
  /// Whether the record that skip() has passed over lacks its end.
  virtual bool is_open() const { return false; }
};

/// Records are lines.
class LineCutter final : public RecordCutter {
 public:
  std::size_t first_end(std::string_view bytes, std::size_t from) override {
    return behind(bytes.find('\n', from));
  }
  std::size_t last_end(std::string_view bytes, std::size_t from) override {
    const std::size_t newline = bytes.substr(from).rfind('\n');
    return newline == kNone ? kNone : behind(from + newline);
  }
  std::size_t skip(std::string_view more) override { return behind(more.find('\n')); }

 private:
  static std::size_t behind(std::size_t newline) { return newline == kNone ? kNone : newline + 1; }
};

inline std::unique_ptr<RecordCutter> make_line_cutter() { return std::make_unique<LineCutter>(); }

/// A record that was too long to be kept whole: the bytes behind its beginning were passed over.
struct CutRecord {
  std::uint64_t bytes = 0;         ///< that it takes in the input, with its line end
  std::uint64_t record_bytes = 0;  ///< without the line end
  std::uint64_t lines = 1;         ///< that it spans; the line ends in it, if it ends at none
  bool is_broken = false;          ///< it lacks its end, so that the input ends with it
};

/// The longest name of an input.
inline constexpr std::size_t kMaxInputNameBytes = std::size_t{64} << 10;

/// Where text that was taken out of a wrapper comes from: the program's own.
struct UnwrappedText;

/// Whole records, or the beginning of one that was cut; none where `start` is the input's at_end().
struct Chunk {
  /// From 0, over all inputs, without gaps, in the order of the bytes: reports of rejects wait for
  /// their turn. A job fails where a number comes twice or is missing.
  std::uint64_t sequence = 0;
  std::size_t input = 0;           ///< index of the input
  std::uint64_t offset_bytes = 0;  ///< of the first byte in its input
  std::string_view bytes;
  std::size_t readable_bytes = 0;  ///< from bytes.data(), may be touched, never interpreted
  std::optional<CutRecord> cut;
  std::shared_ptr<const RecordState> start;  ///< what holds at the first byte; may be null
  /// Not null where the bytes were taken out of a wrapper: offsets are then those of the text, and
  /// this says which lines of the input it was made of. Lives as long as `memory`.
  const UnwrappedText* unwrapped = nullptr;
  std::uint64_t wrapped_bytes = 0;  ///< of the input, that the chunk was made of
  /// Keeps the bytes. The source's own: where the object comes back to it, it may use them anew.
  std::shared_ptr<void> memory;

  /// What the chunk covers of its input.
  std::uint64_t covered_bytes() const {
    if (unwrapped != nullptr) return wrapped_bytes;
    return cut ? cut->bytes : bytes.size();
  }
};

class RecordSource {
 public:
  virtual ~RecordSource() = default;

  virtual std::size_t input_count() const = 0;
  /// As messages, reports, partials and the rejects file call it; at most kMaxInputNameBytes.
  virtual const std::string& input_name(std::size_t input) const = 0;

  /// The size of all inputs together, where it is known: for estimates and progress.
  virtual std::optional<std::uint64_t> size_bytes() const = 0;

  /// Whether chunks are cut at line ends, whatever the format. A source that cuts them where its
  /// format's cutter says returns false. A job refuses a source that cuts at line ends for a format
  /// whose records may hold line ends, such as quoted CSV: the rest of such a record would be taken
  /// for records of its own.
  virtual bool cuts_at_lines() const { return true; }

  // All of the above may be asked before the first chunk.

  /// Begins the next chunk of the input at hand, or of the next one; false behind the last. The
  /// chunk is valid until it comes back, and longer than the source. Any number of threads, each
  /// with a chunk of its own. Throws Error(run) where an input cannot be read.
  virtual bool next(Chunk& chunk) = 0;

  /// How many bytes there were in an input, once next() has passed it: the chunks' add up to it.
  virtual std::uint64_t input_bytes(std::size_t input) const = 0;
};

/// Records that are in memory.
struct MemoryInput {
  std::string name;
  std::string_view bytes;  ///< must outlive the source and its chunks
};

/// Makes a cutter for an input, which begins at the input's start.
using CutterSource = std::function<std::unique_ptr<RecordCutter>()>;

/// In chunks of about so many bytes. They are cut by a cutter for each input, or at line ends where
/// `new_cutter` is null:
///
///     records_in_memory(inputs, chunk_bytes, [format] { return make_cutter(*format, true); });
std::unique_ptr<RecordSource> records_in_memory(std::vector<MemoryInput> inputs,
                                                std::size_t chunk_bytes,
                                                CutterSource new_cutter = nullptr);

}  // namespace billing
