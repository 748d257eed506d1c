#include "core/text/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class CorpusTest : public testing::Test {
 protected:
  Corpus open(const std::vector<std::filesystem::path>& files, std::size_t chunk_length,
              bool line_per_chunk = false) {
    return Corpus::open(files, small_tokenizer(),
                        {chunk_length, line_per_chunk, folder_.path() / "cache"});
  }

  TemporaryFolder folder_;
};

TEST_F(CorpusTest, ChunksRunAcrossLinesAndFilesAndDropTheTail) {
  const auto first = folder_.write("1.txt", "a b\n\nc\n");
  const auto second = folder_.write("2.txt", "d a b c d a\n");  // 9 tokens in all
  const Corpus corpus = open({first, second}, 6);
  ASSERT_EQ(corpus.size(), 2U);
  EXPECT_THAT(corpus.chunk(0).ids, ElementsAre(2, 5, 6, 7, 8, 3));
  EXPECT_THAT(corpus.chunk(1).ids, ElementsAre(2, 5, 6, 7, 8, 3));
  EXPECT_THAT(corpus.lengths(), ElementsAre(6, 6));
  EXPECT_THROW(corpus.chunk(2), DataError);
}

TEST_F(CorpusTest, ChunksRunAcrossFilesShorterThanAChunk) {
  const auto a = folder_.write("a.txt", "a");
  const auto empty = folder_.write("empty.txt", "\n\n");
  const auto b = folder_.write("b.txt", "b");
  EXPECT_THAT(open({a, empty, b, a}, 5).chunk(0).ids, ElementsAre(2, 5, 6, 5, 3));
}

TEST_F(CorpusTest, LinesAreChunksOnDemand) {
  const auto first = folder_.write("1.txt", "a b\n\nc\n");
  const auto second = folder_.write("2.txt", "d a b c d a\n");
  const Corpus corpus = open({first, second}, 5, true);
  ASSERT_EQ(corpus.size(), 3U);
  EXPECT_THAT(corpus.chunk(1).ids, ElementsAre(2, 7, 3));
  EXPECT_THAT(corpus.chunk(2).ids, ElementsAre(2, 8, 5, 6, 3));
  EXPECT_THAT(corpus.lengths(), ElementsAre(4, 3, 5));
}

TEST_F(CorpusTest, ExamplesAreChunksAsTheirTaskReadsThemWithoutTheirLabels) {
  const auto single = folder_.write("train.tsv", "sentence\tlabel\na b\t1\nc\t0\n");
  const auto pairs = folder_.write(
      "pairs.jsonl", "{\"sentence1\": \"d a c\", \"sentence2\": \"b\", \"label\": 0}\n");
  const auto text = folder_.write("text.txt", "b c\n");
  CorpusOptions options{6, true, folder_.path() / "cache"};
  options.task = &find_task("sst2");
  const Corpus corpus = Corpus::open({single}, small_tokenizer(), options);
  ASSERT_EQ(corpus.size(), 2U);
  EXPECT_THAT(corpus.chunk(0).ids, ElementsAre(2, 5, 6, 3));
  EXPECT_THAT(corpus.chunk(1).ids, ElementsAre(2, 7, 3));
  EXPECT_EQ(corpus.chunk(1).second_begin, 3U);
  options.task = &find_task("mrpc");
  const Corpus both = Corpus::open({pairs, text}, small_tokenizer(), options);
  ASSERT_EQ(both.size(), 2U);
  // Cut where the longer text ends.
  EXPECT_THAT(both.chunk(0).ids, ElementsAre(2, 8, 5, 3, 6, 3));
  EXPECT_EQ(both.chunk(0).second_begin, 4U);
  EXPECT_THAT(both.chunk(1).ids, ElementsAre(2, 6, 7, 3));
  EXPECT_THAT(both.lengths(), ElementsAre(6, 4));
}

TEST_F(CorpusTest, FullChunksRunAcrossTheTextsOfExamples) {
  const auto pairs = folder_.write(
      "pairs.jsonl", "{\"sentence1\": \"d a\", \"sentence2\": \"b\", \"label\": 0}\n");
  CorpusOptions options{5, false, folder_.path() / "cache"};
  options.task = &find_task("mrpc");
  const Corpus corpus = Corpus::open({pairs}, small_tokenizer(), options);
  ASSERT_EQ(corpus.size(), 1U);
  EXPECT_THAT(corpus.chunk(0).ids, ElementsAre(2, 8, 5, 6, 3));
}

TEST_F(CorpusTest, ByteOrderMarkAndCarriageReturnsAreNoText) {
  const Tokenizer byte_pairs = Tokenizer::load(tokenizer_data() / "byte_pairs");
  const auto chunks_of = [&](const std::string& content) {
    const auto file = folder_.write("text.txt", content);
    const Corpus corpus = Corpus::open({file}, byte_pairs, {8, true, folder_.path() / "cache"});
    std::vector<std::vector<TokenId>> chunks;
    for (std::size_t i = 0; i < corpus.size(); ++i) chunks.push_back(corpus.chunk(i).ids);
    return chunks;
  };
  EXPECT_EQ(chunks_of("\xEF\xBB\xBF"
                      "a b\r\n\r\nc\r\n"),
            chunks_of("a b\n\nc\n"));
}

TEST_F(CorpusTest, ExtensionsCountInAnyCase) {
  CorpusOptions options{6, true, folder_.path() / "cache"};
  options.task = &find_task("sst2");
  const auto file = folder_.write("Q.TSV", "sentence\tlabel\na b\t1\n");
  EXPECT_TRUE(holds_examples(file, *options.task));
  const Corpus corpus = Corpus::open({file}, small_tokenizer(), options);
  ASSERT_EQ(corpus.size(), 1U);
  EXPECT_THAT(corpus.chunk(0).ids, ElementsAre(2, 5, 6, 3));
}

TEST_F(CorpusTest, CacheFollowsTheExtension) {
  CorpusOptions options{6, true, folder_.path() / "cache"};
  options.task = &find_task("sst2");
  const char* const content = "{\"sentence\": \"a b\"}\n";
  Corpus::open({folder_.write("a.tsv", content)}, small_tokenizer(), options);
  const auto file = folder_.write("a.jsonl", content);
  EXPECT_THAT(Corpus::open({file}, small_tokenizer(), options).chunk(0).ids,
              ElementsAre(2, 5, 6, 3));
}

TEST_F(CorpusTest, RefusesExamplesOfTasksThatLabelWords) {
  CorpusOptions options{6, true, folder_.path() / "cache"};
  options.task = &find_task("ner");
  for (const char* name : {"a.tsv", "a.jsonl", "a.JSON"}) {
    const auto file = folder_.write(name, "a\tO\n");
    EXPECT_THAT(error_of<ConfigError>([&] { Corpus::open({file}, small_tokenizer(), options); }),
                AllOf(HasSubstr(name), HasSubstr("task ner"), HasSubstr("plain text")));
  }
  const auto text = folder_.write("a.txt", "a\n");
  EXPECT_EQ(Corpus::open({text}, small_tokenizer(), options).size(), 1U);
}

TEST_F(CorpusTest, SaysWhatIsWrong) {
  const auto file = folder_.write("1.txt", "a\nb\xFF\n");
  EXPECT_THAT(error_of<DataError>([&] { open({file}, 5); }),
              HasSubstr("1.txt:2: not valid UTF-8 at byte offset 1"));
  const auto little = folder_.write("2.txt", "a b\n");
  EXPECT_THAT(error_of<DataError>([&] { open({little}, 5); }),
              HasSubstr("has 2 tokens, too little for one chunk of 5 tokens"));
  const auto empty = folder_.write("3.txt", "\n");
  EXPECT_THAT(error_of<DataError>([&] { open({empty}, 5, true); }),
              HasSubstr("has 0 lines or examples with text"));
  EXPECT_THAT(error_of<ConfigError>([&] { open({little}, 2); }), HasSubstr("expected at least 3"));
  EXPECT_THROW(open({}, 5), ConfigError);
  EXPECT_THROW(open({folder_.path() / "none.txt"}, 5), IoError);
  EXPECT_THROW(open({folder_.path()}, 5), IoError);
}

}  // namespace
}  // namespace prumux::text
