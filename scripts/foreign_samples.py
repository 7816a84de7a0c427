"""Objects of numpy and pandas, and what is asked of them: for make_foreign.py."""

# Expressions whose objects stand for their classes; a class that is listed gives more than one kind of object.
SAMPLES = """
np.arange(6)
np.array([1.5, 2.5, 0.5])
np.array(["a", "b"])
np.array([1, "a"], dtype=object)
np.array([[1, 2], [3, 4]])
np.array(["2020", "2021"], dtype="M8[ns]")
np.random.default_rng(1)
np.random.RandomState(1)
pd.Timestamp("2020-01-02 03:04:05")
pd.Timestamp("2020-01-02", tz="UTC")
pd.Timedelta(days=1, hours=2)
pd.Timedelta(0)
pd.Period("2020-01", "M")
pd.Period("2020", "D")
pd.Interval(0, 1)
pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021"))
pd.Series([1, 2, 3])
pd.Series(["a", "b"], name="x")
pd.Series([1.5, None])
pd.Series(pd.date_range("2020", periods=3))
pd.Series(["a", "b"], dtype="category")
pd.DataFrame({"a": [1, 2], "b": [3.5, 4.5]})
pd.DataFrame({"a": ["x", "y"]}, index=["r", "s"])
pd.DataFrame(np.ones((2, 2)))
pd.Index(["a", "b"])
pd.Index([1.5, 2.5])
pd.Index([1, "a"], dtype=object)
pd.RangeIndex(5)
pd.date_range("2020", periods=3)
pd.date_range("2020", periods=3, tz="UTC")
pd.DatetimeIndex(["2020", "2021", "NaT"])
pd.timedelta_range("1 day", periods=3)
pd.TimedeltaIndex(["1 day", "2 days"])
pd.period_range("2020", periods=3, freq="D")
pd.interval_range(0, 3)
pd.CategoricalIndex(["a", "b"])
pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"])
pd.Categorical(["a", "b"])
pd.Categorical([1, 2], ordered=True)
pd.array([1, 2, None], dtype="Int64")
pd.array([1.5, None], dtype="Float64")
pd.array([True, None], dtype="boolean")
pd.arrays.SparseArray([0, 0, 1])
pd.arrays.IntervalArray.from_breaks([0, 1, 2])
pd.date_range("2020", periods=3).array
pd.timedelta_range("1 day", periods=3).array
pd.period_range("2020", periods=3, freq="D").array
pd.Series(["a", "b"]).str
pd.Series(pd.date_range("2020", periods=3)).dt
pd.Series(["a", "b"], dtype="category").cat
pd.DataFrame({"a": [1, 1], "b": [3, 4]}).groupby("a")
pd.Series([1, 2]).groupby([1, 1])
pd.Series([1, 2]).rolling(2)
pd.DataFrame({"a": [1, 1], "b": [3, 4]}).rolling(2)
pd.offsets.Day(2)
pd.offsets.Hour(3)
pd.offsets.BDay()
pd.offsets.MonthEnd()
pd.offsets.DateOffset(months=1)
""".strip().splitlines()

# Calls of methods; those that raise say nothing. What a method gives in all of these calls it is taken to give always,
# so each stands here with arguments that might make a difference.
CALLS = """
as_unit("s") to_pydatetime() to_datetime64() to_timedelta64() to_pytimedelta() to_numpy() tz_localize("UTC")
tz_localize(None) tz_convert("US/Eastern") normalize() round("h") floor("h") ceil("h") to_period("M") to_period() date()
time() timetz() replace(hour=1) timestamp() asfreq("D") to_timestamp() copy() astype(object) astype("float64")
astype("str") astype("M8[ns]") astype("m8[ns]") astype("category") view("i8") reshape(-1) reshape(-1, 1) ravel()
flatten() transpose() swapaxes(0, 0) repeat(2) cumsum() cumprod() byteswap() tolist() clip(0, 1) take([0])
rename("n") rename(columns={"a": "z"}) rename(index={0: 1}) rename_axis("i") set_index("a") reset_index()
reset_index(drop=True) sort_index() sort_values() sort_values("a") fillna(0) dropna() drop_duplicates() duplicated()
isna() notna() isnull() notnull() isin([1]) head() head(1) tail() tail(1) shift(1) diff() abs()
to_frame() to_series() set_names("n") set_names(["m", "n"]) droplevel(0) get_level_values(0) unique() value_counts()
map(str) add(1) sub(1) mul(1) div(1) where([True] * 2) mask([False] * 2) 
assign(z=1) drop(columns=["b"]) drop("a", axis=1) pivot(columns="a") melt() stack() unstack() describe() 
nlargest(1) nsmallest(1) reindex([0, 1]) set_axis(["p", "q"]) append([]) union([]) intersection([]) difference([])
insert(0, 9) delete(0) factorize() _with_freq(None) _with_freq("infer") set_categories(["a", "b"])
add_categories(["q"]) remove_categories(["a"]) as_ordered() as_unordered() infer_objects()
convert_dtypes() to_dict() select_dtypes("number") filter(["a"]) nth(0) first() mean() std() min() max() cumcount() ffill() bfill() upper() lower() len() strip() contains("a") startswith("a") replace("a", "b")
split("a") cat(sep=",") extract("(a)") rollforward(pd.Timestamp("2020")) rollback(pd.Timestamp("2020")) is_on_offset(pd.Timestamp("2020")) to_list()
items() iterrows() itertuples() sample(1) combine_first(pd.Series([1])) explode() eq(1) ne(1)
""".strip()

# Members whose class depends on what they get or on the data: no more is known than that the result is plain.
LOOSE = """
map insert intersection union difference append factorize astype fillna replace where mask combine_first reindex take
repeat shift diff add sub mul div mean std min max view unique sort_values round infer_objects convert_dtypes isin index
columns left right mid array values _values _data start_time end_time nlargest nsmallest base is_unique explode to_period
""".split()

# Attributes.
ATTRIBUTES = """
T dtype dtypes values array index columns _values _data _ndarray _mask asi8 asm8 tz tzinfo freq unit resolution
iloc loc at iat str dt cat plot style levels codes names name shape size ndim nbytes flat real imag left right mid
closed categories ordered start_time end_time days seconds components base min max sparse axes groups
date time timetz year month day is_unique
""".split()

# Methods of random generators that give an array where a size is given, and a number otherwise: how many arguments come
# before it.
SIZED = {
    "standard_normal": 0, "random": 0, "random_sample": 0, "randn": 0, "rand": 0, "standard_exponential": 0,
    "exponential": 1, "poisson": 1, "choice": 1, "normal": 2, "uniform": 2, "integers": 2, "randint": 2, "binomial": 2,
    "lognormal": 2, "gamma": 2, "beta": 2,
}
