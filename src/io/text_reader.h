#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "decompress/decompressor.h"
#include "decompress/read_ahead.h"
#include "io/input.h"

namespace billing {

/// The text of an input that is not mapped: what reading it gives, or what that holds where it is
/// compressed. Then a thread decompresses ahead, and offsets and sizes are those of the text.
class TextReader {
 public:
  /// `input` must outlive this, and not be closed before its end was read. `checkpoint` is called
  /// before each read and, where the input keeps one waiting, every tenth of a second; what it
  /// throws passes through.
  TextReader(const Input& input, std::function<void()> checkpoint);
  ~TextReader();

  /// Some of the next bytes; 0 at the end. The first call reads as often as it takes to know what
  /// the input is: up to kFirstBytes, or its first line. Throws Error(run) where the input cannot
  /// be read, is damaged, is no text, or holds more than it may. `room` has at least kFirstBytes.
  /// One thread at a time.
  std::size_t read(std::span<char> room);

  /// What the input takes, where it is compressed and was read to its end; else 0.
  std::uint64_t compressed_bytes() const { return compressed_bytes_; }

 private:
  std::size_t read_first(std::span<char> room);
  void unwrap(Compression compression);
  std::size_t pull(std::span<char> room, const std::stop_token& stop);

  const Input& input_;
  std::function<void()> checkpoint_;
  bool at_start_ = true;
  bool at_end_ = false;  ///< or there was an error
  std::uint64_t compressed_bytes_ = 0;
  std::uint64_t text_bytes_ = 0;  ///< given

  // Of a compressed input. The thread alone touches them until the end was read.
  std::string first_;  ///< read to know what the input is, and not yet decompressed
  int fd_ = -1;
  std::unique_ptr<Decompressor> decompressor_;
  std::stop_token stop_;
  std::unique_ptr<ReadAhead> text_;  ///< the last member: its thread ends first
};

}  // namespace billing
