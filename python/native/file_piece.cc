#include "file_piece.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "billing/error.h"

namespace billing::python {
namespace {

/// Just past the first line end at byte `from` or later; the size of the file where there is none.
std::uint64_t behind_line_end(const Input& input, std::uint64_t from, std::uint64_t size) {
  std::array<char, 64 * 1024> bytes;
  while (from < size) {
    const ssize_t read = pread(input.fd(), bytes.data(), bytes.size(), static_cast<off_t>(from));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
    if (read == 0) input.fail("changed while it was read; run again when the file is complete");
    const auto* const end = bytes.data() + read;
    const auto* const newline = std::find<const char*>(bytes.data(), end, '\n');
    if (newline != end) return from + static_cast<std::uint64_t>(newline - bytes.data()) + 1;
    from += static_cast<std::uint64_t>(read);
  }
  return size;
}

}  // namespace

void refuse_pieces(const InputFormat& format) {
  if (format.may_be_cut_at_lines()) return;
  throw Error(ErrorKind::configuration,
              "records of " + format.settings().name +
                  " may span lines or depend on those before, so that there are no pieces of "
                  "such a file; leave out begin and end");
}

FilePiece::FilePiece(const AggregateJob& job, const std::string& path, std::uint64_t begin,
                     std::optional<std::uint64_t> end, std::function<void()> checkpoint)
    : job_(job),
      inputs_(open_inputs({path})),
      asked_begin_(begin),
      asked_end_(end),
      checkpoint_(std::move(checkpoint)) {
  if (job.max_input_bytes) inputs_.front().set_max_text_bytes(*job.max_input_bytes);
}

void FilePiece::open(const InputFormat& format) {
  find_lines();
  if (piece_) refuse_pieces(format);
  if (at_ == end_bytes_) return;
  if (at_ > 0) lseek(inputs_.front().fd(), static_cast<off_t>(at_), SEEK_SET);
  const auto cutters = [&format, this](std::size_t) {
    return make_cutter(format, at_ == 0, job_.mediation.max_record_bytes);
  };
  source_ = std::make_unique<FileSource>(inputs_, job_.chunk_bytes, job_.mediation.max_record_bytes,
                                         cutters, checkpoint_);
}

/// Whole lines: those that begin in what was asked for.
void FilePiece::find_lines() {
  if (asked_begin_ == 0 && !asked_end_) return;
  const Input& input = inputs_.front();
  if (!input.counted_bytes()) {
    throw Error(ErrorKind::configuration,
                input.name() +
                    ": only files that are not compressed have pieces; leave out begin "
                    "and end");
  }
  const std::uint64_t size = *input.counted_bytes();
  if (asked_begin_ > 0) at_ = behind_line_end(input, std::min(asked_begin_, size + 1) - 1, size);
  const std::uint64_t last = std::min(asked_end_.value_or(size), size);
  const std::uint64_t end = last <= at_ ? at_ : behind_line_end(input, last - 1, size);
  if (at_ == 0 && end == size) return;  // all of the file
  piece_ = InputPiece{at_, end == size};
  end_bytes_ = end;
}

bool FilePiece::next(Chunk& chunk) {
  const bool has_more = source_ && (!end_bytes_ || at_ < *end_bytes_);
  if (!has_more || !source_->next(chunk)) {
    source_.reset();
    inputs_.front().verify_unchanged();
    return false;
  }
  if (end_bytes_ && !chunk.cut) chunk.bytes = chunk.bytes.substr(0, *end_bytes_ - at_);
  at_ += chunk.covered_bytes();
  return true;
}

}  // namespace billing::python
