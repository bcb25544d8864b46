#include "base/shell_word.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace billing {
namespace {

/// What bash makes of the word.
std::string understood(const std::string& word) {
  const std::string command = "bash <<'END_OF_SCRIPT'\nprintf %s " + word + "\nEND_OF_SCRIPT\n";
  std::string out;
  FILE* const pipe = popen(command.c_str(), "r");
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

TEST(ShellWord, APlainNameStaysAsItIs) {
  EXPECT_EQ(shell_word("logs/api-1.log.gz"), "logs/api-1.log.gz");
}

TEST(ShellWord, ANameLikeAnOptionGetsAFolder) {
  EXPECT_EQ(shell_word("-a"), "./-a");
  EXPECT_EQ(shell_word("-"), "./-");
}

TEST(ShellWord, TheShellUnderstandsEveryName) {
  for (const std::string name : {"a b", "it's", "$HOME", "a;b", "`x`", "~", "*", "a\\b",
                                 "a\nb\t'c'", "\xff\x01", "für", "\"", "#", "a'\n", ""}) {
    EXPECT_EQ(understood(shell_word(name)), name) << shell_word(name);
  }
}

TEST(ShellWord, NoControlCharacterIsLeft) {
  EXPECT_EQ(shell_word("a\x1b[31m'\\"), "$'a\\x1B[31m\\'\\\\'");
}

}  // namespace
}  // namespace billing
