#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>

namespace billing {

/// Where the tokens of a text begin: braces, brackets, colons, commas, strings and other scalars.
/// simdjson's first stage, which also checks that the text is UTF-8, that its strings end, and that
/// no control character stands in them.
class TokenIndex {
 public:
  static constexpr std::size_t kMaxDepth = 64;

  /// False where one of these is not so.
  bool scan(std::string_view text) {
    if (text.size() > capacity_) reserve(text.size());
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const simdjson::error_code error =
        parser_->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    size_ = error == simdjson::EMPTY ? 0 : parser_->n_structural_indexes;
    // Behind the last token a text ends; there is room for more of these.
    parser_->structural_indexes[size_] = static_cast<std::uint32_t>(text.size());
    return error == simdjson::SUCCESS || error == simdjson::EMPTY;
  }

  const std::uint32_t* begin() const { return parser_->structural_indexes.get(); }
  const std::uint32_t* end() const { return begin() + size_; }

 private:
  void reserve(std::size_t bytes) {
    const std::size_t capacity = std::max(bytes, kLeastBytes);
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, kMaxDepth, parser_) != simdjson::SUCCESS)
      throw std::bad_alloc();
    capacity_ = capacity;
  }

  static constexpr std::size_t kLeastBytes = std::size_t{64} << 10;

  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace billing
