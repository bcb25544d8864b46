// A gzip file, written piece by piece.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace billing {

/// One thread at a time.
class GzipMember {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// Compressed bytes go to `sink`, in order.
  explicit GzipMember(Sink sink);
  ~GzipMember();

  void append(std::string_view bytes);
  /// Once, last.
  void finish();

 private:
  struct State;

  void compress(std::string_view bytes, bool is_end);

  Sink sink_;
  std::unique_ptr<State> state_;
};

}  // namespace billing
