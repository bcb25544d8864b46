// How a result reaches the disk: its content appears whole or not at all.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "billing/error.h"
#include "io/background_writer.h"
#include "io/temporary_file.h"
#include "io/unique_fd.h"

namespace billing {

/// What a result is called when the output is a folder: `billing_results_YYYYMMDD_HHMMSS.<ending>`
/// in UTC, with `-2`, `-3` … before the point where that name is taken.
struct NameInFolder {
  std::time_t time_s = 0;
  std::string ending;  ///< `txt`, `csv` or `jsonl`
};

/// The descriptor that an output of this name means, which is open already: `-`, /dev/stdout and
/// the like. To open such a name anew would write from the start of its file, and to rename over
/// the file would part it from the descriptor.
std::optional<int> named_descriptor(std::string_view path);

/// A sink for bytes. A file is written under a temporary name in the target's folder; `commit`
/// renames it. Until then nothing at the target changes, and without it (an error, a destructor, a
/// kill) an old result stays as it was. What a kill has left behind the next output to the same
/// target removes (temporary_file.h). A symlink's target is replaced, not the link. An old file's
/// mode and owner are kept as far as the system allows; a new one gets 0666 less the umask.
/// What cannot be replaced is written directly: standard output, and all that exists and is no
/// regular file (/dev/null, a named pipe, a device).
///
/// One thread at a time. After an exception only the destructor may follow.
/// Errors are `Error` with the name, the system's reason and what to do; of the kind
/// `configuration` where the path cannot be meant so, else `run`.
class OutputFile {
 public:
  /// `path`: a file, a folder (one that exists, or any with `/` at its end: it is created, and
  /// removed again unless the result is committed), or `-` for standard output. Other descriptors
  /// go as /dev/fd/N. Waits for a reader where the path is a named pipe. Without `name_in_folder` a
  /// folder is refused. `checkpoint` is called now and then while a pipe keeps one waiting, here
  /// and later; what it throws passes through.
  static std::unique_ptr<OutputFile> open(
      const std::string& path, const std::optional<NameInFolder>& name_in_folder,
      std::function<void()> checkpoint = [] {});

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Takes the temporary file and a new folder away where `commit` has not succeeded.
  ~OutputFile();

  /// From now on a reader of standard output that goes away is an error as any other: a result that
  /// goes elsewhere waits for this output.
  void must_be_read_to_its_end() { may_lose_reader_ = false; }

  /// Adds to the bytes appended so far. Throws ClosedPipe on standard output. A file's bytes are
  /// written in the background: an error may only show at a later call.
  void append(std::string_view bytes);

  /// Whether the target itself is written to, which cannot be taken back.
  bool is_direct() const { return !folder_.is_open(); }

  /// Brings all bytes to the disk and puts them in the target's place. Once, as the last call.
  /// Throws with the target as it was; only where at last the folder cannot be flushed, the new
  /// result stands already, but may not outlive a power failure.
  void commit();

  /// What messages call it: the path as it was given, for a folder the file in it (final after
  /// `commit`), or `standard output`. Not escaped.
  const std::string& name() const { return name_; }

 private:
  explicit OutputFile(std::function<void()> checkpoint) : checkpoint_(std::move(checkpoint)) {}

  void open_descriptor(int fd);
  void open_path(const std::string& path, const std::optional<NameInFolder>& name_in_folder);
  void open_directly(const std::string& path);
  void open_in_folder(const std::string& path, bool exists, const NameInFolder& name);
  void replace_file(const std::string& path);
  void create_temporary();
  void publish_under_free_name();
  void append_directly(std::string_view bytes);
  std::size_t bytes_written(ssize_t result);
  [[noreturn]] void fail(int system_error) const;

  std::function<void()> checkpoint_;
  std::string name_;
  UniqueFd fd_;      // of a direct target
  UniqueFd folder_;  // of all others, and the next two
  TemporaryFile temporary_;
  std::unique_ptr<BackgroundWriter> writer_;
  std::string target_name_;  // in folder_: what is replaced; empty where the name is a free one
  std::optional<NameInFolder> free_name_;
  std::optional<struct stat> old_;  // the file that is replaced
  std::string new_folder_;          // created here and still to be removed; else empty
  bool is_stdout_ = false;
  bool may_lose_reader_ = true;
};

}  // namespace billing
