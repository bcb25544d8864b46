#include "job/unwrapped_source.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "billing/rejected_record.h"

namespace billing {
namespace {

/// Readable behind the bytes of a chunk.
constexpr std::size_t kPaddingBytes = 128;
constexpr std::uint64_t kAllRejects = std::numeric_limits<std::uint64_t>::max();

/// Whether what stands before a record may say how it is read.
bool depend_on_text_before(const RecordFormat& format) {
  const bool has_header = format.family == FormatFamily::csv && format.has_header;
  return has_header || format.family == FormatFamily::w3c;
}

}  // namespace

std::shared_ptr<const RecordState> pass_wrapped(RecordCutter& cutter, const RecordFormat& format,
                                                std::uint64_t max_record_bytes,
                                                std::string_view bytes) {
  auto state = cutter.pass({});
  if (!depend_on_text_before(format)) return state;
  constexpr std::size_t kStepBytes = std::size_t{1} << 20;
  Unwrapper unwrapper(format.wrapper, format.stream, max_record_bytes);
  UnwrappedText text;
  while (!bytes.empty()) {
    const std::size_t line_end = bytes.find('\n', std::min(bytes.size(), kStepBytes) - 1);
    const std::size_t step = std::min(line_end, bytes.size() - 1) + 1;
    text = {};
    unwrapper.add(bytes.substr(0, step), text);
    if (!text.text.empty()) state = cutter.pass(text.text);
    bytes.remove_prefix(step);
  }
  return state;
}

UnwrappedInput::UnwrappedInput(std::size_t input, const RecordFormat& format,
                               std::unique_ptr<RecordCutter> cutter, std::uint64_t max_record_bytes,
                               std::string_view before)
    : input_(input),
      max_record_bytes_(max_record_bytes),
      cutter_(std::move(cutter)),
      at_chunk_(pass_wrapped(*cutter_, format, max_record_bytes, before)),
      unwrapper_(format.wrapper, format.stream, max_record_bytes, before.size()),
      text_bytes_(before.size()) {}

void UnwrappedInput::add(const Chunk& lines) {
  if (lines.cut) {
    unwrapper_.add_cut(lines.bytes, *lines.cut, text_);
  } else {
    unwrapper_.add(lines.bytes, text_);
  }
}

void UnwrappedInput::finish() {
  unwrapper_.finish(text_);
  has_ended_ = true;
}

bool UnwrappedInput::take(Chunk& chunk, UnwrappedText& memory) {
  if (long_) return take_long(chunk, memory);
  const std::size_t size = text_.text.size();
  const std::size_t end =
      searched_ < size ? cutter_->last_end(text_.text, searched_) : RecordCutter::kNone;
  searched_ = size;
  if (end != RecordCutter::kNone) {
    give(end, chunk, memory);
    return true;
  }
  constexpr std::uint64_t kEndBytes = 2;  // CR and LF that may turn out to end the record
  if (size > max_record_bytes_ + kEndBytes) {
    long_ = LongRecord{text_.places.front(), {}, 0, 0, '\0', '\0'};
    pass_over(text_.text);
    text_.text.clear();
    text_.places.clear();
    return take_long(chunk, memory);
  }
  // Of a record that nothing ends the end comes last.
  const bool is_last = has_ended_ && size > 0 && text_.rejects.empty();
  if (!is_last && !must_give()) return false;
  give(is_last ? size : 0, chunk, memory);
  return true;
}

/// Goes on with a record that has become too long.
bool UnwrappedInput::take_long(Chunk& chunk, UnwrappedText& memory) {
  std::string& text = text_.text;
  const std::size_t end = text.empty() ? RecordCutter::kNone : cutter_->skip(text);
  if (end != RecordCutter::kNone) {
    pass_over(std::string_view(text).substr(0, end));
    give_long(end, chunk, memory);
    return true;
  }
  pass_over(text);
  text.clear();
  text_.places.clear();
  for (RejectedLine& one : text_.rejects) one.place.text_at = 0;
  if (has_ended_ && text_.rejects.empty()) {
    give_long(0, chunk, memory);
    return true;
  }
  if (!must_give()) return false;
  give(0, chunk, memory);
  return true;
}

/// Whether what stands beside the text has to go, though no record has ended. A little waits.
bool UnwrappedInput::must_give() const {
  constexpr std::size_t kMostRejects = 64;
  constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 20;
  if (has_ended_) return text_.wrapped_bytes > 0 || !text_.rejects.empty();
  return text_.rejects.size() > kMostRejects || text_.wrapped_bytes > kMostBytes;
}

void UnwrappedInput::pass_over(std::string_view bytes) {
  if (bytes.empty()) return;
  LongRecord& record = *long_;
  const std::size_t room = kMaxKeptRecordBytes - record.kept.size();
  record.kept += bytes.substr(0, room);
  record.text_bytes += bytes.size();
  record.line_ends += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  record.before_last = bytes.size() > 1 ? bytes[bytes.size() - 2] : record.last;
  record.last = bytes.back();
}

/// What stands before byte `end` of the text, and all rejects.
void UnwrappedInput::give(std::size_t end, Chunk& chunk, UnwrappedText& memory) {
  text_.split(end, kAllRejects, memory);
  searched_ = 0;
  memory.text.append(kPaddingBytes, '\0');
  chunk.cut.reset();
  chunk.start = nullptr;
  chunk.bytes = std::string_view(memory.text).substr(0, end);
  chunk.readable_bytes = memory.text.size();
  chunk.offset_bytes = text_bytes_;
  chunk.wrapped_bytes = memory.wrapped_bytes;
  if (end > 0) chunk.start = std::exchange(at_chunk_, cutter_->pass(chunk.bytes));
  text_bytes_ += end;
}

/// The record that is too long, which ends at byte `end` of the text.
void UnwrappedInput::give_long(std::size_t end, Chunk& chunk, UnwrappedText& memory) {
  const LongRecord record = std::move(*long_);
  long_.reset();
  text_.split(end, end, memory);
  searched_ = 0;
  const bool has_cr = record.last == '\n' && record.before_last == '\r';
  CutRecord cut;
  cut.bytes = record.text_bytes;
  cut.record_bytes = record.text_bytes - (record.last == '\n' ? 1 : 0) - (has_cr ? 1 : 0);
  cut.lines = record.line_ends + (record.last == '\n' ? 0 : 1);
  memory.text = record.kept;
  memory.text.resize(std::min<std::uint64_t>(record.kept.size(), cut.record_bytes));
  memory.places = {record.place};
  memory.places.front().text_at = 0;
  chunk.bytes = memory.text;
  chunk.readable_bytes = memory.text.size();
  chunk.cut = cut;
  chunk.offset_bytes = text_bytes_;
  chunk.wrapped_bytes = memory.wrapped_bytes;
  chunk.start = std::exchange(at_chunk_, cutter_->pass(chunk.bytes));
  text_bytes_ += record.text_bytes;
}

UnwrappedSource::UnwrappedSource(RecordSource& lines, std::span<const Input> inputs,
                                 const InputFormats& formats, std::uint64_t max_record_bytes)
    : lines_(lines), inputs_(inputs), formats_(formats), max_record_bytes_(max_record_bytes) {}

bool UnwrappedSource::next(Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  if (chunk.memory == nullptr) chunk.memory = std::make_shared<Kept>();
  Kept& kept = *static_cast<Kept*>(chunk.memory.get());
  if (!next_of_input(chunk, kept)) return false;
  chunk.sequence = sequence_++;
  return true;
}

bool UnwrappedSource::next_of_input(Chunk& chunk, Kept& kept) {
  while (true) {
    if (at_hand_ && at_hand_->take(chunk, kept.text)) {
      chunk.input = at_hand_->input();
      chunk.unwrapped = &kept.text;
      kept.passed = {};
      return true;
    }
    if (at_hand_ && at_hand_->has_ended()) at_hand_.reset();
    const bool has_more = has_ahead_ || lines_.next(ahead_);
    has_ahead_ = has_more;
    if (at_hand_ && has_more && ahead_.input == at_hand_->input()) {
      at_hand_->add(ahead_);
      has_ahead_ = false;
    } else if (at_hand_) {
      at_hand_->finish();
    } else if (!has_more) {
      return false;
    } else if (formats_.records(ahead_.input).wrapper != Wrapper::none) {
      begin_input(ahead_.input);
    } else {
      // The memory of the chunk that came back goes to the next one.
      std::swap(kept.passed, ahead_);
      has_ahead_ = false;
      auto memory = std::move(chunk.memory);
      chunk = kept.passed;
      chunk.memory = std::move(memory);
      return true;
    }
  }
}

void UnwrappedSource::begin_input(std::size_t input) {
  const Input& file = inputs_[input];
  const std::string_view before = file.first_byte() > 0 ? file.bytes_before() : std::string_view();
  at_hand_.emplace(input, formats_.records(input),
                   formats_.format(input).make_cutter(true, max_record_bytes_), max_record_bytes_,
                   before);
}

}  // namespace billing
