// Bytes in memory as a source of records.

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "billing/record_source.h"

namespace billing {
namespace {

class MemorySource final : public RecordSource {
 public:
  MemorySource(std::vector<MemoryInput> inputs, std::size_t chunk_bytes, CutterSource new_cutter)
      : inputs_(std::move(inputs)),
        chunk_bytes_(std::max<std::size_t>(chunk_bytes, 1)),
        new_cutter_(std::move(new_cutter)) {}

  std::size_t input_count() const override { return inputs_.size(); }
  const std::string& input_name(std::size_t input) const override { return inputs_[input].name; }
  std::uint64_t input_bytes(std::size_t input) const override {
    return inputs_[input].bytes.size();
  }
  std::optional<std::uint64_t> size_bytes() const override {
    std::uint64_t bytes = 0;
    for (const MemoryInput& input : inputs_) bytes += input.bytes.size();
    return bytes;
  }

  bool cuts_at_lines() const override { return new_cutter_ == nullptr; }

  bool next(Chunk& chunk) override {
    const std::lock_guard lock(mutex_);
    chunk = {};
    while (input_ < inputs_.size() && offset_bytes_ == inputs_[input_].bytes.size()) {
      const std::size_t input = input_;
      if (cutter_ != nullptr) chunk.start = cutter_->at_end();
      const std::uint64_t end = std::exchange(offset_bytes_, 0);
      ++input_;
      cutter_.reset();
      if (chunk.start == nullptr) continue;
      number(chunk, input, end);
      return true;
    }
    if (input_ == inputs_.size()) return false;
    if (cutter_ == nullptr) {
      cutter_ = new_cutter_ ? new_cutter_() : make_line_cutter();
      at_chunk_ = cutter_->pass({});
    }
    const std::string_view rest = inputs_[input_].bytes.substr(offset_bytes_);
    number(chunk, input_, offset_bytes_);
    chunk.bytes = rest.substr(0, cutter_->first_end(rest, std::min(chunk_bytes_, rest.size()) - 1));
    chunk.readable_bytes = rest.size();
    chunk.start = std::exchange(at_chunk_, cutter_->pass(chunk.bytes));
    offset_bytes_ += chunk.bytes.size();
    return true;
  }

 private:
  void number(Chunk& chunk, std::size_t input, std::uint64_t offset_bytes) {
    chunk.sequence = sequence_++;
    chunk.input = input;
    chunk.offset_bytes = offset_bytes;
  }

  std::vector<MemoryInput> inputs_;
  std::size_t chunk_bytes_;
  CutterSource new_cutter_;
  std::mutex mutex_;
  std::unique_ptr<RecordCutter> cutter_;         // of the input at hand
  std::shared_ptr<const RecordState> at_chunk_;  // what holds where the next chunk begins
  std::size_t input_ = 0;
  std::uint64_t offset_bytes_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<RecordSource> records_in_memory(std::vector<MemoryInput> inputs,
                                                std::size_t chunk_bytes, CutterSource new_cutter) {
  return std::make_unique<MemorySource>(std::move(inputs), chunk_bytes, std::move(new_cutter));
}

}  // namespace billing
