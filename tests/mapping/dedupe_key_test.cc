#include "mapping/dedupe_key.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

class DedupeKeyTest : public testing::Test {
 protected:
  DedupeKeyTest() { format_.family = FormatFamily::json; }

  void by(const std::string& fields) {
    format_.dedupe.by = fields;
    list_ = {};
    key_.emplace(format_, list_);
  }

  /// Of values in the order in which the key names its fields; an empty one is missing.
  RecordKey key_of(const std::vector<std::string>& values, const MappedEvent& event = {}) {
    flaw_.reset();
    std::vector<Field> fields;
    for (std::size_t i = 0; i < values.size(); ++i)
      fields.push_back(Field::of(values[i], static_cast<std::uint32_t>(10 * i)));
    RecordKey key;
    flaw_ = key_->make(fields.data(), event, record_, scratch_, key);
    return key;
  }

  bool is_refused(const std::string& fields) {
    try {
      by(fields);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::configuration;
    }
    return false;
  }

  RecordFormat format_;
  FieldList list_;
  std::optional<DedupeKey> key_;
  std::optional<MappingFlaw> flaw_;
  std::string record_;
  std::string scratch_;
};

TEST_F(DedupeKeyTest, NoneIsAskedForUnlessItIsSaid) {
  by("");
  EXPECT_FALSE(key_->is_asked());
  by("id");
  EXPECT_TRUE(key_->is_asked());
}

TEST_F(DedupeKeyTest, ValuesAreKeptApartByTheirLengths) {
  by("a,b");
  EXPECT_NE(key_of({"ab", "c"}), key_of({"a", "bc"}));
  EXPECT_NE(key_of({"a", "b"}), key_of({"b", "a"}));
  EXPECT_EQ(key_of({"a", "b"}), key_of({"a", "b"}));
}

TEST_F(DedupeKeyTest, APartThatIsMissingIsAFlawAtItsPlaceOrMakesNoKey) {
  by("a,b");
  key_of({"x", ""});
  ASSERT_TRUE(flaw_.has_value());
  EXPECT_EQ(flaw_->reason, RejectReason::bad_record);
  EXPECT_EQ(flaw_->at, 10u);
  format_.dedupe.keeps_missing = true;
  by("a,b");
  EXPECT_EQ(key_of({"x", ""}), kNoKey);
  EXPECT_FALSE(flaw_.has_value());
}

TEST_F(DedupeKeyTest, TheEventHasItsOwnNamesAndBackquotesMeanTheRecord) {
  by("user,`user`,status");
  ASSERT_EQ(list_.names().size(), 1u);
  MappedEvent event;
  event.user = "ann";
  event.status = 200;
  const RecordKey key = key_of({"x"}, event);
  event.task = "other";
  EXPECT_EQ(key_of({"x"}, event), key);
  event.user = "bob";
  EXPECT_NE(key_of({"x"}, event), key);
  event.status = kNoStatus;
  key_of({"x"}, event);
  EXPECT_TRUE(flaw_.has_value()) << "no status is a missing one";
}

TEST_F(DedupeKeyTest, ATemplateIsOneValue) {
  by("$a-$b");
  const RecordKey key = key_of({"x", "y"});
  by("c");
  EXPECT_EQ(key_of({"x-y"}), key);
}

TEST_F(DedupeKeyTest, RecordsCountWithoutTheSpacesAroundThem) {
  by("record");
  record_ = "a b";
  const RecordKey key = key_of({});
  record_ = " \ta b\t\r";
  EXPECT_EQ(key_of({}), key);
  record_ = "a  b";
  EXPECT_NE(key_of({}), key);
}

TEST_F(DedupeKeyTest, ATabThatSeparatesCellsBelongsToThem) {
  for (const FormatFamily family : {FormatFamily::csv, FormatFamily::w3c}) {
    format_.family = family;
    format_.separator = '\t';
    by("record");
    record_ = "a\tb\t";
    const RecordKey key = key_of({});
    record_ = "\ta\tb";
    EXPECT_NE(key_of({}), key);
    record_ = " a\tb\t ";
    EXPECT_EQ(key_of({}), key);
  }
}

TEST_F(DedupeKeyTest, TaskAndQuantityOfARecordWithMeasuresAreThoseOfAllItsEvents) {
  struct Event {
    const char* task;
    std::int64_t quantity;
  };
  const auto key_of_events = [this](const std::vector<Event>& events) {
    MeasuredRecord record;
    for (const Event& event : events)
      record.parts.push_back({{.user = "u", .task = event.task, .quantity = event.quantity}, {}});
    RecordKey key;
    flaw_ = key_->make(nullptr, record, record_, scratch_, key);
    EXPECT_FALSE(flaw_.has_value());
    return key;
  };
  by("task");
  EXPECT_EQ(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"a", 3}, {"b", 4}}));
  EXPECT_NE(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"ab", 1}}));
  EXPECT_NE(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"a", 1}}));
  key_of_events({{"", 0}});  // a record that bills nothing has a key
  by("quantity");
  EXPECT_EQ(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"c", 1}, {"d", 2}}));
  EXPECT_NE(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"a", 12}}));
  EXPECT_NE(key_of_events({{"a", 1}, {"b", -2}}), key_of_events({{"a", 1}, {"b", 2}}));
  by("user");
  EXPECT_EQ(key_of_events({{"a", 1}, {"b", 2}}), key_of_events({{"c", 3}}));
}

TEST_F(DedupeKeyTest, WhatIsNoKeyIsRefused) {
  for (const char* const fields : {"a,", ",", "=x", "none", "record,a", "`a", "${a", "a,,b"})
    EXPECT_TRUE(is_refused(fields)) << fields;
  format_.mapping.time = "none";
  EXPECT_TRUE(is_refused("time"));
  format_ = {};
  EXPECT_TRUE(is_refused("id"));
  EXPECT_TRUE(is_refused("user:first"));
  EXPECT_FALSE(is_refused("user,time"));
}

}  // namespace
}  // namespace billing
