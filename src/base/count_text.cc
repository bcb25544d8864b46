#include "base/count_text.h"

namespace billing {

std::string grouped_number(std::string number) {
  const std::size_t begin = std::min(number.find_first_not_of("+-"), number.size());
  for (std::size_t at = std::min(number.find('.'), number.size()); at > begin + 3;) {
    at -= 3;
    number.insert(at, 1, ',');
  }
  return number;
}

std::string grouped(std::uint64_t number) { return grouped_number(std::to_string(number)); }

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string text = grouped(number) + ' ';
  text += noun;
  if (number != 1) text += 's';
  return text;
}

}  // namespace billing
