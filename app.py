"""The page's entry: `streamlit run app.py -- RUN`."""

from recommender.page import main

main()
