#include "base/text_columns.h"

#include <clocale>
#include <cwchar>

namespace billing {
namespace {

/// The C library knows the widths of characters in a UTF-8 locale only: the thread has one while
/// this object lives.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 != nullptr) before_ = uselocale(utf8);
  }
  ~Utf8Locale() {
    if (before_ != nullptr) uselocale(before_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_ = nullptr;
};

}  // namespace

std::size_t text_columns(std::string_view text) {
  const Utf8Locale locale;
  std::size_t columns = 0;
  while (!text.empty()) {
    wchar_t character = 0;
    std::mbstate_t state{};
    const std::size_t size = std::mbrtowc(&character, text.data(), text.size(), &state);
    const bool is_character = size != 0 && size <= text.size();
    const int width = is_character ? wcwidth(character) : -1;
    columns += width < 0 ? 1 : static_cast<std::size_t>(width);
    text.remove_prefix(is_character ? size : 1);
  }
  return columns;
}

}  // namespace billing
