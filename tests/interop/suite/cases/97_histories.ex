defmodule Cases.Histories do
  use Suite, group: "histories", order: 97, node: "--hidden", limit: 600_000
  kase "at random, with one side of each pair here" do
    n = String.to_integer(System.get_env("HISTORIES", "20"))
    first = String.to_integer(System.get_env("SEED", "1"))
    Suite.Histories.differing(first..(first + n - 1), 30)
  end
end
